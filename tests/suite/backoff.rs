//! Pauses between tries: they grow, end, differ from loop to loop, and obey the server only as far as that is sane.

use std::time::Duration;

use quarterdeck::clients::fault::Fault;
use quarterdeck::sources::backoff::{Backoff, DENIED, LONGEST};

fn refused() -> Fault {
    Fault::Refused {
        code: 500,
        message: String::new(),
    }
}

fn busy(seconds: u64) -> Fault {
    Fault::Busy {
        code: 429,
        retry_after: Some(Duration::from_secs(seconds)),
    }
}

/// A pause is up to a quarter shorter than stated.
fn about(pause: Duration, stated: Duration) -> bool {
    pause <= stated && pause >= stated.mul_f64(0.74)
}

#[test]
fn pauses_double_up_to_half_a_minute_and_begin_anew() {
    let mut backoff = Backoff::default();
    for milliseconds in [800, 1600, 3200, 6400, 12_800, 25_600, 30_000, 30_000] {
        let pause = backoff.after(&refused());
        assert!(
            about(pause, Duration::from_millis(milliseconds)),
            "{pause:?} is not about {milliseconds} ms"
        );
    }
    for _ in 0..10_000 {
        assert!(backoff.after(&refused()) <= LONGEST);
    }
    backoff.reset();
    assert!(about(backoff.after(&refused()), Duration::from_millis(800)));
}

#[test]
fn a_server_that_is_down_is_tried_often() {
    let mut backoff = Backoff::default();
    let fault = Fault::Unreachable("down".to_owned());
    let longest = (0..500).map(|_| backoff.after(&fault)).max();
    assert!(longest.is_some_and(|pause| pause <= Duration::from_secs(4)));
}

#[test]
fn retry_after_is_obeyed_within_reason() {
    let mut backoff = Backoff::default();
    assert_eq!(backoff.after(&busy(7)), Duration::from_secs(7));
    assert!(!backoff.after(&busy(0)).is_zero(), "no loop without pause");
    assert!(backoff.after(&busy(86_400)) <= LONGEST);
}

#[test]
fn a_denial_is_asked_about_rarely_and_a_first_break_not_paused_for() {
    let mut backoff = Backoff::default();
    let denied = Fault::Forbidden(String::new());
    assert!(about(backoff.after(&denied), DENIED));
    assert!(backoff.soon().is_zero());
    assert!(!backoff.soon().is_zero());
}
