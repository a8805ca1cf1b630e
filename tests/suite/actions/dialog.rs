//! The dialog: what was on screen, what was pressed, what is on screen and what was written then.

use jiff::Timestamp;
use quarterdeck::actions::audit::{Journal, Record};
use quarterdeck::actions::run::{commit, prepare};
use quarterdeck::config::Config;
use quarterdeck::model::Kind;
use quarterdeck::ui::commands::ALL;
use serde_json::json;
use tokio::sync::{mpsc, watch};

use super::deck::Deck;
use super::{EU, Rig, invocation, target, yes};

/// A dashboard on the deployments of the production cluster, with nothing locked.
async fn deck(rig: &Rig) -> Deck {
    let mut config = rig.config.clone();
    config.locked.0.clear();
    at(&config, "shop").await
}

async fn at(config: &Config, name: &str) -> Deck {
    let mut deck = Deck::new(config, "deployments ecommerce-prod", (110, 34));
    deck.row(&format!("^{name}$")).await;
    deck
}

/// The replicas that the world wants of shop.
fn replicas(rig: &Rig) -> i64 {
    let shop = rig
        .estate
        .objects(EU, "deployments")
        .into_iter()
        .find(|one| {
            one["metadata"]["name"] == "shop" && one["metadata"]["namespace"] == "ecommerce-prod"
        });
    shop.unwrap()["spec"]["replicas"].as_i64().unwrap()
}

/// Opens the dialog that scales shop to 5 and waits for its plan.
async fn scaling(deck: &mut Deck) {
    deck.press("s");
    deck.shows("namespace ecommerce-prod").await;
    deck.press("5");
    deck.shows("3  →  5").await;
}

#[tokio::test]
async fn the_dialog_says_where_what_and_what_fights_it() {
    let rig = Rig::new("calm").await;
    let mut deck = deck(&rig).await;
    scaling(&mut deck).await;
    for words in [
        "Scale Deployment ecommerce-prod/shop to 5",
        "PRODUCTION",
        "production on demo-eu as demo-operator, namespace ecommerce-prod",
        "Starts 2 more pods.",
        "HPA shop takes it back",
        "server dry run ✓",
        "L2 affects a service; undo: Scale back to 3",
        "Type shop to scale:",
        "❲ Cancel ❳",
    ] {
        deck.sees(words);
    }
}

#[tokio::test]
async fn what_was_typed_confirms_and_the_panel_follows_it_to_its_end() {
    let rig = Rig::new("calm").await;
    let mut deck = deck(&rig).await;
    scaling(&mut deck).await;
    deck.press("shop enter");
    deck.shows("✓ done in").await;
    deck.sees("ready 5 of 5").sees("Scale back to 3");
    assert_eq!(replicas(&rig), 5);
    // The undo goes the same way and asks the same.
    deck.press("U");
    deck.shows("5  →  3").await;
    deck.press("shop enter");
    deck.shows("✓ done in").await;
    assert_eq!(replicas(&rig), 3);
}

#[tokio::test]
async fn enter_alone_held_keys_and_pasted_text_confirm_nothing() {
    let rig = Rig::new("calm").await;
    let mut deck = deck(&rig).await;
    deck.press("R");
    deck.shows("Type shop to restart").await;
    deck.press("enter").misses("Type shop to restart");
    let opened = rig.estate.writes(EU);

    deck.press("R");
    deck.shows("Type shop to restart").await;
    deck.paste("shop").sees("what is pasted confirms nothing");
    deck.press("enter").misses("Type shop to restart");

    deck.press("R");
    deck.shows("Type shop to restart").await;
    deck.press("shop").hold("enter");
    deck.sees("Held keys and pasted text decide nothing.");
    // What is typed wrong is said, and nothing happens.
    deck.press("x enter").sees("To confirm, type exactly: shop");
    deck.press("esc").misses("Type shop");
    // Keys that are held do not open anything either.
    deck.hold("R").misses("Restart Deployment");
    let dry_runs = rig.estate.writes(EU) - opened;
    assert!(dry_runs <= 2, "{dry_runs} writes for two dry runs");
    assert_eq!(replicas(&rig), 3);
}

#[tokio::test]
async fn the_form_is_checked_while_it_is_typed() {
    let rig = Rig::new("calm").await;
    let mut deck = deck(&rig).await;
    deck.press("s");
    deck.shows("missing: replicas").await;
    deck.press("-1").sees("is not between");
    deck.press("ctrl-u")
        .press("9999999999")
        .sees("is not between");
    deck.press("ctrl-u")
        .paste("three")
        .sees("is no whole number");
    // A number takes no letters; they are meant for the dialog.
    deck.press("ctrl-u").press("n").misses("Scale Deployment");
    assert_eq!(rig.estate.writes(EU), 0, "nothing was even tried");
}

#[tokio::test]
async fn a_target_that_changes_makes_the_answer_void_and_says_what_changed() {
    let rig = Rig::new("calm").await;
    let mut deck = deck(&rig).await;
    scaling(&mut deck).await;
    deck.press("sho");
    let mut shop = rig
        .estate
        .objects(EU, "deployments")
        .into_iter()
        .find(|one| {
            one["metadata"]["name"] == "shop" && one["metadata"]["namespace"] == "ecommerce-prod"
        })
        .unwrap();
    shop["spec"]["replicas"] = json!(4);
    rig.estate.put(EU, "deployments", shop);
    deck.wait(11);
    deck.shows("Changed since you looked").await;
    deck.sees("replicas: 3 → 4").sees("4  →  5");
    // What was typed before the change does not count any more.
    deck.press("p enter").sees("To confirm, type exactly: shop");
    deck.press("esc");
    assert_eq!(replicas(&rig), 4);
}

#[tokio::test]
async fn a_target_that_is_gone_is_said_and_cannot_be_confirmed() {
    let rig = Rig::new("calm").await;
    let mut deck = deck(&rig).await;
    scaling(&mut deck).await;
    rig.estate
        .remove(EU, "deployments", "ecommerce-prod", "shop");
    deck.wait(11);
    deck.shows("is not there").await;
    deck.press("shop enter")
        .misses("waiting for the first look");
}

#[tokio::test]
async fn what_the_server_denies_is_grey_and_names_the_verb() {
    let rig = Rig::new("calm").await;
    rig.estate
        .deny(EU, "patch", "deployments", "ecommerce-prod");
    let mut deck = deck(&rig).await;
    deck.press("R");
    deck.shows("needs patch deployments").await;
    deck.press("esc").press("a");
    deck.shows("Scale").await;
    deck.until("a grey action", |screen| {
        screen.contains("needs patch deployments")
    })
    .await;
    assert_eq!(rig.estate.writes(EU), 0);
}

#[tokio::test]
async fn a_locked_environment_is_unlocked_for_a_while_and_the_audit_keeps_it() {
    let rig = Rig::new("calm").await;
    let mut deck = at(&rig.config, "shop").await;
    deck.sees("locked");
    deck.press("R");
    deck.shows("production is locked: W unlocks it").await;
    deck.press("y").sees("production is locked: W unlocks it.");
    deck.press("W").sees("Unlock production for 15 minutes?");
    deck.hold("y").sees("Held keys");
    deck.press("y");
    deck.shows("unlocked 15m").await;
    deck.shows("Type shop to restart:").await;
    deck.press("esc").wait(15 * 60 + 1);
    deck.misses("unlocked").sees("locked");
    deck.press("Q");
    deck.shows("Unlock production for 15 minutes").await;
}

#[tokio::test]
async fn a_read_only_run_looks_but_never_writes() {
    let rig = Rig::new("calm").await;
    let mut config = rig.config.clone();
    config.read_only = true;
    let mut deck = at(&config, "shop").await;
    deck.sees("read only");
    deck.press("R");
    deck.shows("read only: this run cannot write").await;
    deck.press("W y enter esc W")
        .sees("no connection that could write");
    assert_eq!(rig.estate.writes(EU), 0);
}

#[tokio::test]
async fn a_frozen_time_raises_what_is_asked_and_wants_a_reason() {
    let rig = Rig::new("calm").await;
    let text = "[[frozen]]\nenvironments = [\"production\"]\nfrom = \"2020-01-01T00:00\"\nuntil = \"2999-01-01T00:00\"\nreason = \"a test\"\n";
    let loaded = Config::merge(
        Some((std::path::Path::new("config.toml"), text)),
        &quarterdeck::config::Variables::new(),
        &quarterdeck::config::Overrides::default(),
    );
    let mut config = rig.config.clone();
    config.frozen = loaded.unwrap().config.frozen;
    config.locked.0.clear();
    let mut deck = at(&config, "shop").await;
    deck.press("R");
    deck.shows("frozen until 2999").await;
    deck.sees("a test").sees("L3").sees("Reason:");
    // An answer counts only once it was looked at.
    deck.press("shop enter").sees("Look first");
    deck.wait(4)
        .press("ctrl-u")
        .press("ecommerce-prod/shop enter");
    deck.sees("A reason is needed");
    deck.press("incident enter");
    deck.shows("✓ done in").await;
}

#[tokio::test]
async fn several_are_asked_for_once_and_changed_one_after_the_other() {
    let rig = Rig::new("calm").await;
    let mut config = rig.config.clone();
    config.locked.0.clear();
    let mut deck = Deck::new(&config, "deployments ecommerce-prod", (110, 40));
    deck.row("^(shop|search)$").await;
    deck.press("space space").sees("2 marked");
    deck.press("R");
    deck.shows("2 objects. The first is changed alone").await;
    deck.sees("Restart 2 deployments");
    deck.wait(4).write("2 deployments");
    deck.press("enter").sees("A reason is needed");
    deck.press("incident enter");
    deck.until("both done", |screen| screen.matches("  done").count() == 2)
        .await;
}

/// The dialog alone, without what changes around it.
fn boxed(screen: &str) -> String {
    let lines = screen.lines();
    let lines = lines
        .skip_while(|line| !line.contains('╭'))
        .take_while(|line| line.contains(['╭', '│', '╰']));
    lines.map(str::trim_end).collect::<Vec<_>>().join("\n")
}

#[tokio::test]
async fn dialogs_on_a_small_and_a_large_screen() {
    let rig = Rig::new("calm").await;
    let mut config = rig.config.clone();
    config.locked.0.clear();
    for (name, size) in [("80x24", (80, 24)), ("160x48", (160, 48))] {
        let mut deck = Deck::new(&config, "deployments ecommerce-prod", size);
        deck.row("^shop$").await;
        scaling(&mut deck).await;
        insta::assert_snapshot!(format!("scale-{name}"), boxed(&deck.screen()));
        deck.press("esc i");
        deck.shows("missing: image").await;
        insta::assert_snapshot!(format!("image-{name}"), boxed(&deck.screen()));
        deck.press("esc a").sees("Scale");
        insta::assert_snapshot!(format!("menu-{name}"), boxed(&deck.screen()));
    }
}

#[tokio::test]
async fn in_a_read_only_run_no_key_writes() {
    let rig = Rig::new("calm").await;
    let mut config = rig.config.clone();
    config.read_only = true;
    let mut deck = at(&config, "shop").await;
    for entry in ALL.iter() {
        for keys in entry.keys.iter() {
            deck.press(keys);
            deck.until("an answer", |screen| !screen.contains("Reading live facts"))
                .await;
            deck.press("5 y enter W y enter");
            deck.press("esc esc");
        }
    }
    assert_eq!(rig.estate.writes(EU), 0);
}

#[tokio::test]
async fn the_dashboard_and_the_command_line_leave_equal_records() {
    let at_keys = Rig::new("calm").await;
    let mut deck = deck(&at_keys).await;
    scaling(&mut deck).await;
    deck.press("shop enter");
    deck.shows("✓ done in").await;

    let by_command = Rig::new("calm").await;
    let site = by_command.site();
    let shop = target(Kind::Deployment, "ecommerce-prod", "shop");
    let asked = invocation("scale", shop, &[("replicas", "5")]);
    let prepared = prepare(&site, asked).await.unwrap();
    let approved = prepared.approve(&yes(&prepared), Timestamp::now()).unwrap();
    let (reports, _told) = mpsc::channel(64);
    let (_stop, stop) = watch::channel(false);
    commit(&site, approved, &reports, stop).await.unwrap();

    let record = |rig: &Rig| {
        let entry = Journal::new(rig.audit().to_owned())
            .entries()
            .unwrap()
            .remove(0);
        // What differs by its nature: the operation, the time, the world's address, and what the operator wrote.
        let plain = |record: Record| Record {
            id: String::new(),
            at: Timestamp::UNIX_EPOCH,
            server: String::new(),
            cluster: String::new(),
            reason: String::new(),
            took_seconds: 0,
            evidence: Vec::new(),
            ..record
        };
        (plain(entry.intent), entry.end.map(plain))
    };
    assert_eq!(record(&at_keys), record(&by_command));
}
