//! What keys do: what was on screen, what was pressed, what is on screen then. And the keymap itself.

use std::collections::BTreeMap;

use quarterdeck::config::chord::sequence;
use quarterdeck::config::{Chord, Config, Remembered};
use quarterdeck::ui::commands::{ALL, Command, Layer};
use quarterdeck::ui::keymap::{Found, Keymap};
use quarterdeck::ui::{Effect, Gesture, Start, Ui};

use crate::estate;
use crate::operator::Operator;

/// A keymap with some commands on other keys.
fn keymap(custom: &[(&str, &[&str])]) -> Keymap {
    let keys = custom.iter().map(|(name, keys)| {
        let keys = keys.iter().map(|keys| sequence(keys).unwrap());
        ((*name).to_owned(), keys.collect::<Vec<Vec<Chord>>>())
    });
    Keymap::new(&keys.collect::<BTreeMap<_, _>>())
}

#[test]
fn default_keys_are_unique_where_they_meet() {
    let keymap = keymap(&[]);
    assert_eq!(keymap.problems(), []);
    for entry in ALL.iter() {
        for keys in entry.keys.iter() {
            let typed = sequence(keys).unwrap();
            assert_eq!(
                keymap.resolve(&[entry.layer, Layer::Everywhere], &typed),
                Found::Command(entry.command),
                "{keys} of {}",
                entry.name
            );
        }
    }
}

#[test]
fn commands_have_names_and_words_of_their_own() {
    for (at, entry) in ALL.iter().enumerate() {
        assert!(!entry.doc.is_empty(), "{}", entry.name);
        let needs_none = matches!(entry.command, Command::Act(_));
        assert!(
            needs_none || !entry.keys.is_empty(),
            "{} has no key",
            entry.name
        );
        assert_eq!(Command::find(entry.name), Some(entry.command));
        assert!(
            ALL.iter()
                .skip(at + 1)
                .all(|other| other.name != entry.name),
            "{} stands twice",
            entry.name
        );
    }
}

#[test]
fn a_command_can_be_given_other_keys() {
    let keymap = keymap(&[("wide", &["f6", "; w"]), ("mouse", &[])]);
    assert_eq!(keymap.problems(), []);
    let layers = [Layer::Rows, Layer::Everywhere];
    let resolve = |keys: &str| keymap.resolve(&layers, &sequence(keys).unwrap());
    assert_eq!(resolve("f6"), Found::Command(Command::Wide));
    assert_eq!(resolve(";"), Found::Pending);
    assert_eq!(resolve("; w"), Found::Command(Command::Wide));
    assert_eq!(resolve("ctrl-w"), Found::Nothing);
    assert_eq!(resolve("m"), Found::Nothing);
}

#[test]
fn conflicts_name_the_key_and_both_commands() {
    let problems = |custom| keymap(custom).problems().to_vec();
    let taken = problems(&[("wide", &["d"])]);
    assert_eq!(taken.len(), 1);
    assert_eq!(taken[0].name, "wide");
    assert!(taken[0].message.contains("\"d\""), "{}", taken[0].message);
    assert!(taken[0].message.contains("detail"), "{}", taken[0].message);
    let twice = problems(&[("wide", &["f6"]), ("mark", &["f6"])]);
    assert_eq!(twice.len(), 1);
    assert!(twice[0].message.contains("wide") && twice[0].message.contains("mark"));
    // A key that begins a sequence could never end it.
    let begins = problems(&[("wide", &["y w"])]);
    assert_eq!(begins.len(), 1);
    assert!(begins[0].message.contains("yaml"), "{}", begins[0].message);
    let unknown = problems(&[("zoon", &["f6"])]);
    assert!(unknown[0].message.contains("did you mean zoom?"));
}

#[test]
fn sequences_wait_for_their_end() {
    let mut config = Config::default();
    let keys = vec![sequence("; p").unwrap()];
    config.keys.insert("palette".to_owned(), keys);
    let mut operator = Operator::with(estate::live(), &config, (100, 30));
    operator.press(";").sees("; …");
    operator.press("p").sees("Go to");
    // A key that does not go on with it begins anew.
    operator.press("esc").press(";").press("?").sees("Help");
}

/// What is pressed, and what the screen says then.
#[test]
fn keys_lead_where_they_say() {
    let triples: &[(&str, &str)] = &[
        ("", "Workloads"),
        (": pods enter", "━ Pods ━"),
        (": po enter", "━ Pods ━"),
        (": deploy enter", "━ Deployments ━"),
        (": certs enter", "━ Certificate"),
        (": depl enter", "━ Deployments ━"),
        (": pods space storefront enter", "storefront ━"),
        (": pods space /crash enter", "/crash"),
        (": pods space app=shop enter", "/-l app=shop"),
        (": ns space storefront enter", "Looking into storefront."),
        (": nope enter", "nothing is called"),
        (": pods enter / c r a s h", "crash"),
        (": pods enter / z z z z", "Nothing matches"),
        (": pods enter !", "faults only"),
        (": pods enter space", "1 marked"),
        (": pods enter space space ctrl-\\ j", "━ Pods ━"),
        (": pods enter d", "Summary"),
        (": pods enter y", "YAML"),
        (": pods enter enter", "Containers"),
        (": pods enter q", "Workloads"),
        (": pods enter - -", "━ Pods ━"),
        (": pods enter [ ]", "━ Pods ━"),
        (": pods enter H", "Workloads"),
        (": pods enter N", "NAME↑"),
        (": pods enter N N", "NAME↓"),
        (": pods enter N O", "NAME "),
        (": sort space nope enter", "No column"),
        ("?", "Help"),
        ("? esc", "Workloads"),
        ("t", "Theme"),
        ("L", "own log"),
        ("L esc", "Workloads"),
        ("z", "Workloads"),
        ("5", "No namespace is on 5"),
        ("q", "first screen"),
        ("n", "Copied"),
        ("c", "Copied \"shop\""),
        ("u", "Looking into ecommerce-prod"),
        ("u 0", "Looking into all namespaces."),
        ("tab tab tab tab tab", "━ Workloads"),
        ("tab", "━ Pods"),
        ("shift-tab", "━ Autoscaling"),
        ("E", "Events"),
        (": ctx enter", "Contexts"),
        (": ctx enter j +", "Opening"),
    ];
    for (keys, after) in triples {
        let mut operator = Operator::new(120, 36);
        operator.press(keys);
        let screen = operator.screen();
        assert!(
            screen.contains(after),
            "after \"{keys}\" no \"{after}\" in\n{screen}"
        );
    }
}

/// What is pressed, and what the outside is asked for.
#[test]
fn keys_ask_the_outside() {
    let triples: &[(&str, Effect)] = &[
        ("ctrl-c", Effect::Quit),
        (": q enter", Effect::Quit),
        ("ctrl-z", Effect::Suspend),
        ("ctrl-l", Effect::Redraw),
        ("ctrl-r", Effect::RetryNow),
        ("m", Effect::SetMouse(false)),
        ("c", Effect::Copy("shop".to_owned())),
        ("t k", Effect::SetTheme("fjord".to_owned())),
        (
            ": theme space fjord enter",
            Effect::SetTheme("fjord".to_owned()),
        ),
        (
            ": ctx space kind-dev enter",
            Effect::OpenContext {
                name: "kind-dev".to_owned(),
                alone: true,
            },
        ),
    ];
    for (keys, effect) in triples {
        let mut operator = Operator::new(120, 36);
        operator.press(&keys.replace("t k", "t up"));
        assert!(
            operator.effects.contains(effect),
            "after \"{keys}\": {:?}",
            operator.effects
        );
    }
}

#[test]
fn escape_takes_back_one_thing_at_a_time() {
    let mut operator = Operator::new(120, 36);
    operator.press(": pods enter / s h o p enter").sees("/shop");
    operator.press("space").sees("1 marked");
    operator.press("esc").misses("/shop").sees("━ Pods");
    operator.press("esc").misses("marked");
    operator.press("esc").sees("Workloads").sees("Autoscaling");
}

#[test]
fn a_filter_is_obeyed_with_each_key_and_kept_by_its_screen() {
    let mut operator = Operator::new(120, 36);
    operator.press(": pods enter /");
    operator.write("web-1");
    operator.sees("web-10").misses("web-2");
    operator.press("backspace").sees("web-2");
    operator
        .press("enter : nodes enter")
        .misses("/web-")
        .press("esc")
        .sees("/web-");
    // What cannot be read is said, and nothing else breaks.
    operator.press("/ ctrl-u");
    operator.write("/web-(");
    operator.screen();
}

#[test]
fn the_palette_completes_and_remembers() {
    let mut operator = Operator::new(120, 36);
    operator.press(":").sees("workloads").sees("enter go");
    operator.write("serv");
    operator.sees("services").press("tab").sees(":services ");
    operator.write("store");
    operator
        .press("tab")
        .sees(":services storefront")
        .press("enter");
    operator.sees("━ Services");
    operator.press(": up").sees(":services storefront");
    operator.press("esc").misses("Go to");
    // Several things match: nothing is run until one is chosen.
    operator.press(":");
    operator.write("sets");
    operator
        .press("enter")
        .sees("several match")
        .press("enter")
        .misses("Go to");
}

#[test]
fn the_palette_learns_what_servers_tell_meanwhile() {
    let mut operator = Operator::with(
        quarterdeck::store::Store::default(),
        &Config::default(),
        (100, 30),
    );
    operator.press(":");
    operator.write("certi");
    operator.misses("certificates");
    operator.store = estate::live();
    operator
        .sees("certificates")
        .press("enter")
        .sees("━ Certificate");
}

#[test]
fn drilling_goes_down_and_comes_back() {
    let mut operator = Operator::new(140, 36);
    operator
        .press("enter")
        .sees("Deployment shop ›")
        .sees("Pods");
    operator.press("enter").sees("Containers");
    operator.press("esc").sees("Deployment shop ›");
    operator.press("esc").sees("Autoscaling");
}

#[test]
fn pasted_text_goes_into_prompts_only() {
    let mut operator = Operator::new(100, 30);
    operator.paste(":q\nsurprise").sees("takes pasted text");
    assert!(!operator.effects.contains(&Effect::Quit));
    operator.press(":").paste("po\u{1b}ds\nrm").sees(":pods");
}

#[test]
fn the_mouse_selects_sorts_opens_and_drags() {
    let mut operator = Operator::new(120, 40);
    operator.press(": pods enter").screen();
    // The header of the column NAME, then the second row, twice.
    let name = operator
        .screen()
        .lines()
        .nth(2)
        .unwrap()
        .find("NAME ")
        .unwrap() as u16;
    operator.mouse(Gesture::Press, name, 2).sees("NAME↑");
    operator
        .mouse(Gesture::Press, 30, 4)
        .mouse(Gesture::Release, 30, 4);
    operator.wait(9).mouse(Gesture::Press, 40, 5).sees("━ Pods");
    operator.mouse(Gesture::Press, 40, 5).sees("Containers");

    let mut operator = Operator::new(120, 40);
    let logs = |operator: &mut Operator| {
        let screen = operator.screen();
        screen
            .lines()
            .position(|line| line.contains("─ Logs"))
            .unwrap() as u16
    };
    let before = logs(&mut operator);
    operator.mouse(Gesture::Press, 60, before);
    operator.mouse(Gesture::Drag, 60, before - 6);
    operator.mouse(Gesture::Release, 60, before - 6);
    let screen = operator.screen();
    let after = screen
        .lines()
        .position(|line| line.contains("Logs "))
        .unwrap() as u16;
    assert!(after < before - 3, "{screen}");
}

#[test]
fn a_remapped_key_is_what_help_and_footer_show() {
    let mut config = Config::default();
    config
        .keys
        .insert("help".to_owned(), vec![sequence("f9").unwrap()]);
    let mut operator = Operator::with(estate::live(), &config, (160, 48));
    operator
        .sees("f9 help")
        .press("f9")
        .sees("All keys and views");
    operator.write("paint");
    operator.sees("ctrl-l").misses("Moving");
}

/// Every command does something or says why not, on every screen, and none panics.
#[test]
fn every_command_runs_everywhere() {
    let before = [
        "esc",
        ": pods enter",
        ": ctx enter",
        ": pods enter d",
        ": pods enter y",
        ": pods enter E",
        ": pods enter enter",
        "L",
        "?",
        ":",
        "/",
        "t",
    ];
    for keys in before {
        for entry in ALL.iter() {
            for chords in entry.keys.iter() {
                let mut operator = Operator::new(100, 30);
                operator.press(keys).press(chords).screen();
            }
        }
    }
}

#[test]
fn favourites_that_were_added_are_remembered_and_come_back() {
    let favourites = |operator: &Operator| {
        let mut kept = operator.effects.iter().filter_map(|effect| match effect {
            Effect::Remember(remembered) => Some(remembered.favourites.clone()),
            _ => None,
        });
        kept.next_back()
    };
    let mut config = Config::default();
    config.ui.favourites = vec!["kube-system".to_owned()];
    let mut operator = Operator::with(estate::live(), &config, (120, 36));
    operator.press(": pods enter u").sees("ecommerce-prod");
    assert_eq!(
        favourites(&operator),
        Some(vec!["ecommerce-prod".to_owned()]),
        "what the configuration says is not kept twice"
    );
    operator.press("0 2").sees("Looking into ecommerce-prod");
    operator.press("1").sees("Looking into kube-system");

    let remembered = Remembered {
        favourites: (2..12).map(|number| format!("ns-{number}")).collect(),
    };
    let start = Start {
        remembered,
        ..Start::default()
    };
    let mut next = Operator::starting(estate::live(), &config, start, (120, 36));
    next.press("2").sees("Looking into ns-2");
    next.press("9").sees("Looking into ns-9");
    next.press(": pods enter 0 u 9").sees("ecommerce-prod");
    let kept = favourites(&next).unwrap();
    assert_eq!((kept.len(), kept[0].as_str()), (8, "ns-2"));
    assert_eq!(kept.last().map(String::as_str), Some("ecommerce-prod"));
}

/// The palette knows every command, so that one without a key can still be run.
#[test]
fn every_command_can_be_named() {
    for entry in ALL.iter().filter(|entry| !entry.layer.is_overlay()) {
        let mut operator = Operator::new(100, 30);
        operator.press(":");
        operator.write(entry.name);
        operator.press("enter").misses("nothing is called");
    }
}

#[test]
fn key_problems_are_told() {
    let mut config = Config::default();
    config
        .keys
        .insert("wide".to_owned(), vec![sequence("d").unwrap()]);
    let operator = Operator::with(estate::live(), &config, (100, 30));
    let problems: &Ui = &operator.ui;
    assert_eq!(problems.key_problems().len(), 1);
}
