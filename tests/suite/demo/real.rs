//! The demo's encodings and tables against those of a real API server, for the same objects. Runs when `QD_TEST_ENGINES=1`,
//! with the kubeconfig of the environment.

use http_body_util::BodyExt as _;
use serde_json::Value;

use super::wire::{self, Field, JSON, PROTOBUF, get};
use super::{EU, KINDS, start, text};

const TABLE: &str = "application/json;as=Table;v=v1;g=meta.k8s.io";

async fn real(client: &kube::Client, path: &str, accept: &str) -> Vec<u8> {
    let request = http::Request::get(path)
        .header("accept", accept)
        .body(kube::client::Body::empty())
        .unwrap();
    let answer = client.send(request).await.unwrap();
    assert_eq!(answer.status(), 200, "{path}");
    answer
        .into_body()
        .collect()
        .await
        .unwrap()
        .to_bytes()
        .to_vec()
}

/// An item's fields, with the metadata opened and its version masked, which the demo gives anew.
fn masked(item: &[u8]) -> Vec<(u64, Field)> {
    let mut open = wire::fields(&wire::at(item, &[1]));
    open.retain(|(number, _)| *number != 6);
    let rest = wire::fields(item)
        .into_iter()
        .filter(|(number, _)| *number != 1)
        .map(|(n, f)| (n + 1000, f));
    open.into_iter().chain(rest).collect()
}

#[tokio::test]
async fn the_same_objects_are_the_same_bytes_and_cells_as_on_a_real_server() {
    if std::env::var("QD_TEST_ENGINES").is_ok_and(|v| v == "1") {
        let client = kube::Client::try_default().await.unwrap();
        let (estate, url) = start("calm").await;
        for kind in KINDS {
            let plural = kind.rsplit('/').next().unwrap();
            for old in estate.objects(EU, plural) {
                estate.remove(
                    EU,
                    plural,
                    text(&old, "/metadata/namespace"),
                    text(&old, "/metadata/name"),
                );
            }
            let path = format!("/{kind}");
            let list: Value = serde_json::from_slice(&real(&client, &path, JSON).await).unwrap();
            let (_, _, theirs) = wire::unwrap(&real(&client, &path, PROTOBUF).await);
            let their_table: Value =
                serde_json::from_slice(&real(&client, &path, TABLE).await).unwrap();
            for item in list["items"].as_array().unwrap() {
                estate.put(EU, plural, item.clone());
            }
            let (_, _, ours) = wire::unwrap(&get(&url, &path, PROTOBUF).await.body);
            let name = |item: &Vec<u8>| (wire::text(item, &[1, 3]), wire::text(item, &[1, 1]));
            for mine in wire::all(&ours, 2) {
                let same = wire::all(&theirs, 2)
                    .into_iter()
                    .find(|t| name(t) == name(&mine));
                let Some(same) = same.filter(|s| unchanged(&list, s)) else {
                    continue;
                };
                assert_eq!(masked(&mine), masked(&same), "{kind} {:?}", name(&mine));
            }
            let table = get(&url, &path, TABLE).await.json();
            assert_eq!(
                table["columnDefinitions"], their_table["columnDefinitions"],
                "{kind}"
            );
            let row = |r: &Value| r["object"]["metadata"]["uid"].clone();
            for theirs in their_table["rows"].as_array().into_iter().flatten() {
                let mine = table["rows"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .find(|r| row(r) == row(theirs));
                if let Some(mine) = mine {
                    assert_eq!(ageless(&mine["cells"]), ageless(&theirs["cells"]), "{kind}");
                }
            }
        }
    }
}

/// Whether the object did not change between the two answers of the real server.
fn unchanged(list: &Value, item: &[u8]) -> bool {
    let version = wire::text(item, &[1, 6]);
    list["items"]
        .as_array()
        .unwrap()
        .iter()
        .any(|o| text(o, "/metadata/resourceVersion") == version)
}

/// Cells without ages, since the demo's clock stands elsewhere.
fn ageless(cells: &Value) -> Vec<Value> {
    let age = |cell: &Value| {
        cell.as_str().is_some_and(|c| {
            c == "<invalid>"
                || (c.starts_with(|c: char| c.is_ascii_digit())
                    && c.ends_with(['s', 'm', 'h', 'd', 'y', ')']))
        })
    };
    cells
        .as_array()
        .unwrap()
        .iter()
        .filter(|cell| !age(cell))
        .cloned()
        .collect()
}
