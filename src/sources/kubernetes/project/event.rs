//! An event as a row.

use super::{Interner, count, meta};
use crate::model::{EndpointId, Event, Involved, Moment, Uid};
use crate::sources::kubernetes::wire::message::event as message;
use crate::sources::kubernetes::wire::message::meta::Time;

/// Makes the row of an event. Old and new ways to tell times, counts and origin become one.
pub fn event(message: &message::Event, interner: &mut Interner, endpoint: EndpointId) -> Event {
    let meta = meta(message.metadata.as_ref(), interner, endpoint);
    let series = message.series.as_ref();
    let happened = moment(message.event_time);
    let first = moment(message.first_timestamp)
        .or(happened)
        .or(meta.created);
    let last = moment(message.last_timestamp)
        .max(series.and_then(|series| moment(series.last_observed_time)))
        .or(happened)
        .or(first);
    let component = message
        .source
        .as_ref()
        .map(|source| source.component.as_str())
        .filter(|component| !component.is_empty())
        .unwrap_or(&message.reporting_component);
    let about = message.involved_object.clone().unwrap_or_default();
    Event {
        warning: !message.kind.is_empty() && message.kind != "Normal",
        level: interner.name(&message.kind),
        reason: interner.name(&message.reason),
        message: message.message.trim_end().into(),
        count: series
            .map_or(0, |series| count(series.count))
            .max(count(message.count))
            .max(1),
        first,
        last,
        component: interner.name(component),
        involved: Involved {
            kind: interner.name(&about.kind),
            namespace: interner.name(&about.namespace),
            name: interner.name(&about.name),
            uid: if about.uid.is_empty() {
                Uid::default()
            } else {
                Uid::parse(&about.uid)
            },
        },
        meta,
    }
}

fn moment(time: Option<Time>) -> Option<Moment> {
    time?.moment()
}
