//! Filters, ages and amounts, as an operator types and reads them.

use proptest::prelude::*;
use quarterdeck::model::{Labels, Moment};
use quarterdeck::ui::filter::Filter;
use quarterdeck::ui::format;

use crate::estate::labels;

fn matches(filter: &str, name: &str) -> bool {
    matches_row(
        filter,
        "shop-prod",
        name,
        &["Running", "node-a"],
        &Labels::default(),
    )
}

fn matches_row(
    filter: &str,
    namespace: &str,
    name: &str,
    fields: &[&str],
    labels: &Labels,
) -> bool {
    let filter = Filter::parse(filter);
    let mut search = filter.search();
    search.row(namespace, name);
    for field in fields {
        search.field(field);
    }
    search.matches(labels).is_some()
}

#[test]
fn words_are_found_in_any_field_and_all_of_them() {
    assert!(matches("", "web-0"));
    assert!(matches("  ", "web-0"));
    assert!(matches("web", "web-0"));
    assert!(matches("web running", "web-0"));
    assert!(matches("node-a prod/web", "web-0"));
    assert!(!matches("web pending", "web-0"));
    assert!(
        !matches("0running", "web-0"),
        "fields do not run into each other"
    );
}

#[test]
fn a_capital_makes_case_count() {
    assert!(matches("WEB".to_lowercase().as_str(), "Web-0"));
    assert!(matches("Web", "Web-0"));
    assert!(!matches("WEB", "Web-0"));
    assert!(matches("größe", "GRÖSSE GRÖßE"));
}

#[test]
fn an_exclamation_mark_inverts() {
    assert!(!matches("!web", "web-0"));
    assert!(matches("!web", "api-0"));
    assert!(matches("! -l app=shop", "api-0"));
    assert!(matches("!", "web-0"), "nothing is inverted yet");
}

#[test]
fn signs_make_an_expression_and_a_slash_makes_one_of_all() {
    assert!(matches("web-[0-3]", "web-2"));
    assert!(!matches("web-[0-3]", "web-7"));
    assert!(matches("^web", "web-2"));
    assert!(!matches("^eb", "web-2"));
    assert!(matches("/web.2", "web-2"));
    assert!(matches("2$", "web-2"));
    assert!(matches("(web |api )?run", "web-2"));
    assert!(matches("web.* run", "web-2"));
    assert!(!matches("10.0", "1000"), "a dot alone is a dot");
}

#[test]
fn an_expression_that_is_none_is_taken_as_text_and_told() {
    let filter = Filter::parse("web-(");
    assert!(
        filter.problem().unwrap().contains("unclosed group"),
        "{:?}",
        filter.problem()
    );
    assert!(matches("web-(", "web-(1)"));
    assert!(!matches("web-(", "web-1"));
    assert!(Filter::parse("/[").problem().is_some());
    assert!(
        Filter::parse(&format!("/{}", "(a{900}){900}"))
            .problem()
            .unwrap()
            .contains("too large")
    );
    assert!(Filter::parse("-l env in (a").problem().is_some());
    assert_eq!(Filter::parse("web-[0-9]").problem(), None);
}

#[test]
fn labels_are_asked_as_kubectl_does() {
    let own = labels(&[
        ("app", "shop"),
        ("env", "a"),
        ("app.kubernetes.io/part-of", "store"),
    ]);
    let asked = |selector: &str| matches_row(&format!("-l {selector}"), "n", "x", &[], &own);
    for yes in [
        "app=shop",
        "app==shop",
        "app = shop",
        "app=shop,tier!=web",
        "env in (a,b)",
        "env in (a, b),app",
        "env notin (b,c)",
        "tier notin (web)",
        "!tier",
        "app.kubernetes.io/part-of=store",
    ] {
        assert!(asked(yes), "{yes}");
    }
    for no in [
        "app=web",
        "app!=shop",
        "tier",
        "!app",
        "env in (b,c)",
        "env notin (a)",
        "app=shop,tier=web",
    ] {
        assert!(!asked(no), "{no}");
    }
    for unclear in ["", "app=shop=web", "env in a", "env of (a)", "=x", "a b"] {
        let filter = Filter::parse(&format!("-l {unclear}"));
        assert!(filter.problem().is_some(), "{unclear}");
        assert!(
            filter.is_empty(),
            "{unclear}: nothing is hidden by what could not be read"
        );
    }
}

#[test]
fn fuzzy_letters_match_in_order_and_rank() {
    assert!(matches("-f w0", "web-0"));
    assert!(!matches("-f 0w", "xeb-0-"));
    let filter = Filter::parse("-f shop");
    assert!(filter.ranks());
    let mut search = filter.search();
    let mut rank = |name: &str| {
        search.row("n", name);
        search.matches(&Labels::default()).unwrap()
    };
    assert!(rank("shop-0") > rank("s-h-o-p-0"));
    assert!(!Filter::parse("!-f shop").ranks());
}

#[test]
fn matches_are_marked() {
    let marks = |filter: &str, text: &str| {
        let mut ranges = Vec::new();
        Filter::parse(filter).marker().find(text, &mut ranges);
        ranges
            .into_iter()
            .map(|range| text[range].to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(marks("web", "Web-web"), ["Web", "web"]);
    assert_eq!(marks("web 0", "web-0"), ["web", "0"]);
    assert_eq!(marks("!web", "web-0"), [""; 0]);
    assert_eq!(marks("-f w0", "web-0"), ["w", "0"]);
    assert_eq!(marks("文", "注文-0"), ["文"]);
    assert_eq!(marks("/x*", "aaa"), [""; 0], "nothing is not marked");
}

#[test]
fn ages_read_as_kubectl_prints_them() {
    let minute = 60;
    let hour = 60 * minute;
    let day = 24 * hour;
    let year = 365 * day;
    for (seconds, text) in [
        (0, "0s"),
        (58, "58s"),
        (119, "119s"),
        (120, "2m"),
        (252, "4m"),
        (599, "9m"),
        (10 * minute, "10m"),
        (3 * hour - 1, "179m"),
        (3 * hour, "3h"),
        (3 * hour + 59, "3h"),
        (7 * hour + 59 * minute, "7h59m"),
        (8 * hour, "8h"),
        (47 * hour, "47h"),
        (48 * hour, "2d"),
        (3 * day + 7 * hour, "3d7h"),
        (8 * day, "8d"),
        (729 * day, "729d"),
        (2 * year, "2y"),
        (3 * year + 10 * day, "3y10d"),
        (9 * year, "9y"),
    ] {
        assert_eq!(format::age(seconds), text);
    }
}

#[test]
fn amounts_read_as_operators_write_them() {
    for (millicores, text) in [
        (0, "0m"),
        (3, "3m"),
        (999, "999m"),
        (1000, "1"),
        (1500, "1.5"),
        (1234, "1.2"),
        (12_000, "12"),
    ] {
        assert_eq!(format::cores(millicores), text);
    }
    for (bytes, text) in [
        (0, "0"),
        (512, "512"),
        (1843, "2Ki"),
        (6 << 20, "6Mi"),
        ((1 << 30) - 1, "1Gi"),
        (1_288_490_189, "1.2Gi"),
        (8 << 30, "8Gi"),
        (150 << 30, "150Gi"),
        (3 << 40, "3Ti"),
        (u64::MAX, "16Ei"),
    ] {
        assert_eq!(format::bytes(bytes), text);
    }
    assert_eq!(format::percent(0.153), "15 %");
    assert_eq!(format::percent(f64::NAN), "0 %");
    assert_eq!(format::count(1, "pod", "pods"), "1 pod");
    assert_eq!(
        format::images("registry.example.com/team/shop:1.8"),
        "shop:1.8"
    );
    assert_eq!(format::images("a.example.com/b:1,c/d:2,e"), "b:1,d:2,e");
}

proptest! {
    #[test]
    fn nothing_that_can_be_typed_breaks_it(text in "\\PC{0,30}", name in "\\PC{0,20}") {
        let filter = Filter::parse(&text);
        let mut ranges = Vec::new();
        filter.marker().find(&name, &mut ranges);
        for range in ranges {
            prop_assert!(name.get(range).is_some());
        }
        matches(&text, &name);
    }

    #[test]
    fn a_plain_word_is_found_where_it_stands(word in "[a-z]{1,4}", name in "[a-zA-Z-]{0,12}") {
        prop_assert_eq!(matches_row(&word, "", &name, &[], &Labels::default()), name.to_lowercase().contains(&word));
    }

    #[test]
    fn an_age_reads_the_same_until_it_says_that_it_changes(seconds in 0_u32..400_000_000) {
        let change = format::age_changes_in(seconds);
        prop_assert!(change > 0);
        prop_assert_eq!(format::age(seconds), format::age(seconds + change - 1));
        let now = Moment::from_second(2_000_000_000).unwrap();
        let then = Moment::from_second(2_000_000_000 - i64::from(seconds)).unwrap();
        let wait = format::changes_at(then, now).unwrap().second() - 2_000_000_000;
        prop_assert!((i64::from(change)..i64::from(change) + 30).contains(&wait));
        prop_assert!(seconds >= 120 || wait == i64::from(change), "seconds are counted exactly");
    }
}
