//! What whole screens show: the overview, single views, overlays, details, at several sizes and in every state.

use crate::operator::Operator;

#[test]
fn the_overview_fits_its_screen() {
    for (width, height) in [(80, 24), (160, 48)] {
        let mut operator = Operator::new(width, height);
        insta::assert_snapshot!(format!("overview_{width}"), operator.screen());
    }
}

#[test]
fn look() {
    let w = std::env::var("W").unwrap_or("120".into()).parse().unwrap();
    let h = std::env::var("H").unwrap_or("36".into()).parse().unwrap();
    let mut operator = Operator::new(w, h);
    operator.press(&std::env::var("K").unwrap_or("esc".into()));
    println!("{}", operator.screen());
}
