//! Events.

use super::meta::{ObjectMeta, ObjectReference, Time};

messages! {
    Event {
        metadata: Option<ObjectMeta> = message optional "1";
        involved_object: Option<ObjectReference> = message optional "2";
        reason: String = string "3";
        message: String = string "4";
        source: Option<EventSource> = message optional "5";
        first_timestamp: Option<Time> = message optional "6";
        last_timestamp: Option<Time> = message optional "7";
        count: i32 = int32 "8";
        kind: String = string "9" as "type";
        event_time: Option<Time> = message optional "10";
        series: Option<EventSeries> = message optional "11";
        reporting_component: String = string "14";
    }

    EventSource {
        component: String = string "1";
    }

    EventSeries {
        count: i32 = int32 "1";
        last_observed_time: Option<Time> = message optional "2";
    }
}
