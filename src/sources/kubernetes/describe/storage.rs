//! Config maps, secrets and volume claims. A secret's values are masked before they come here.

use serde_json::Value;

use super::node::bytes_text;
use super::parts;
use super::sheet::Sheet;
use crate::model::{Health, Quantity};
use crate::sources::kubernetes::json::{pairs, said, word, yes};

/// Lines shown of one value; the YAML has them all.
const LINES: usize = 20;

pub(super) fn config_map(sheet: &mut Sheet, object: &Value) {
    if yes(object, "/immutable") {
        sheet.fact("Immutable", "yes");
    }
    sheet.section("Data");
    for (key, value) in pairs(object, "/data") {
        let value = value.as_str().unwrap_or_default();
        let count = value.lines().count();
        if count <= 1 {
            sheet.fact(
                key,
                if value.trim().is_empty() {
                    "(empty)"
                } else {
                    value.trim_end()
                },
            );
            continue;
        }
        sheet.fact(
            key,
            format!("{count} lines, {}", bytes_text(value.len() as u64)),
        );
        sheet.lines("", value.lines().take(LINES).map(str::to_owned));
        if count > LINES {
            sheet.fact("", format!("… {} more lines", count - LINES));
        }
    }
    for (key, value) in pairs(object, "/binaryData") {
        let bytes = value.as_str().map_or(0, |text| text.len() * 3 / 4);
        sheet.fact(key, format!("binary, {}", bytes_text(bytes as u64)));
    }
}

pub(super) fn secret(sheet: &mut Sheet, object: &Value) {
    sheet.fact("Type", word(object, "/type"));
    if yes(object, "/immutable") {
        sheet.fact("Immutable", "yes");
    }
    sheet.section("Data");
    for (key, value) in pairs(object, "/data").chain(pairs(object, "/stringData")) {
        let value = value.as_str().unwrap_or_default();
        sheet.lines(key, value.lines().take(200).map(str::to_owned));
    }
}

pub(super) fn claim(sheet: &mut Sheet, object: &Value) {
    let phase = word(object, "/status/phase");
    let health = match phase {
        "Bound" => Health::Good,
        "Lost" => Health::Bad,
        _ => Health::Busy,
    };
    sheet.flag("Status", phase, health);
    sheet.fact("Volume", word(object, "/spec/volumeName"));
    let size = |pointer: &str| Quantity::parse(&said(object, pointer)).map(Quantity::bytes);
    let (asked, has) = (
        size("/spec/resources/requests/storage"),
        size("/status/capacity/storage"),
    );
    match (asked, has) {
        (Some(asked), Some(has)) if asked > has => {
            let value = format!("{}, growing to {}", bytes_text(has), bytes_text(asked));
            sheet.flag("Capacity", value, Health::Busy);
        }
        (_, Some(has)) => sheet.fact("Capacity", bytes_text(has)),
        (Some(asked), None) => sheet.fact("Capacity", format!("{} asked for", bytes_text(asked))),
        _ => {}
    }
    sheet.fact("Access", parts::joined(object, "/spec/accessModes"));
    sheet.fact("Class", word(object, "/spec/storageClassName"));
    sheet.fact("Mode", word(object, "/spec/volumeMode"));
    let source = (
        word(object, "/spec/dataSource/kind"),
        word(object, "/spec/dataSource/name"),
    );
    if !source.1.is_empty() {
        sheet.fact("Filled from", format!("{} {}", source.0, source.1));
    }
    sheet.fact("Selector", parts::selector(object, "/spec/selector"));
}
