//! What each level asks for in each environment, and what confirms.

use quarterdeck::actions::guard::confirmation;
use quarterdeck::actions::{Answer, Ask, Level, Unconfirmed};
use quarterdeck::model::{Environment, Kind};

use super::target;

#[test]
fn every_level_asks_what_its_environment_demands() {
    use Environment::{Development, Production, Staging};
    let shop = target(Kind::Deployment, "ecommerce-prod", "shop");
    let name = || Ask::Typed("shop".to_owned());
    let path = || Ask::Typed("ecommerce-prod/shop".to_owned());
    for (level, environment, ask, reason) in [
        (Level::Bounded, Development, Ask::Key, false),
        (Level::Bounded, Staging, Ask::Key, false),
        (Level::Bounded, Production, Ask::Yes, false),
        (Level::Service, Development, Ask::Yes, false),
        (Level::Service, Staging, Ask::Yes, false),
        (Level::Service, Production, name(), false),
        (Level::Outage, Development, Ask::Yes, false),
        (Level::Outage, Staging, name(), false),
        (Level::Outage, Production, path(), true),
        (Level::Loss, Development, name(), false),
        (Level::Loss, Staging, name(), true),
        (Level::Loss, Production, path(), true),
    ] {
        let confirmation = confirmation(level, environment, &shop);
        assert_eq!(
            (confirmation.ask, confirmation.reason),
            (ask, reason),
            "{level:?} in {environment:?}"
        );
    }
    let loss = confirmation(Level::Loss, Production, &shop);
    assert!(loss.break_glass && loss.arm.as_secs() == 2);
}

#[test]
fn only_the_whole_answer_confirms() {
    let shop = target(Kind::Deployment, "ecommerce-prod", "shop");
    let asks = confirmation(Level::Outage, Environment::Production, &shop);
    let answer = |typed: &str, reason: &str| Answer {
        yes: true,
        typed: typed.to_owned(),
        reason: reason.to_owned(),
    };
    let path = "ecommerce-prod/shop";
    assert_eq!(asks.check(&answer(path, "incident 7")), Ok(()));
    assert_eq!(
        asks.check(&answer(path, "  ")),
        Err(Unconfirmed::NeedsReason)
    );
    for typed in ["", "shop", "ecommerce-prod/shop ", "Ecommerce-prod/shop"] {
        assert_eq!(
            asks.check(&answer(typed, "incident 7")),
            Err(Unconfirmed::NeedsTyped(path.to_owned()))
        );
    }
    let yes_or_no = confirmation(Level::Service, Environment::Staging, &shop);
    assert_eq!(
        yes_or_no.check(&Answer::default()),
        Err(Unconfirmed::NeedsYes)
    );
}
