//! Images, volumes and networks, described.

use serde_json::Value;

use super::{bytes, environment, labels, time};
use crate::sources::kubernetes::describe::sheet::Sheet;
use crate::sources::kubernetes::json::{list, number, pairs, word, words, yes};

pub(super) fn image(sheet: &mut Sheet, object: &Value) {
    sheet.section("Image");
    sheet.lines("Names", words(object, "/RepoTags"));
    sheet.lines("Digests", words(object, "/RepoDigests"));
    sheet.fact("Id", word(object, "/Id"));
    sheet.fact("Size", bytes(number(object, "/Size").unwrap_or_default()));
    let platform = [word(object, "/Os"), word(object, "/Architecture")];
    sheet.fact("Platform", platform.join("/"));
    sheet.time("Created", time(word(object, "/Created")));
    let entry = [
        words(object, "/Config/Entrypoint"),
        words(object, "/Config/Cmd"),
    ];
    sheet.fact("Command", entry.concat().join(" "));
    let layers = list(object, "/RootFS/Layers").len();
    sheet.fact("Layers", layers.to_string());
    environment(sheet, object, "/Config/Env");
    labels(sheet, object, "/Config/Labels");
}

pub(super) fn volume(sheet: &mut Sheet, object: &Value) {
    sheet.section("Volume");
    sheet.fact("Name", word(object, "/Name"));
    sheet.fact("Driver", word(object, "/Driver"));
    sheet.fact("Mountpoint", word(object, "/Mountpoint"));
    sheet.fact("Scope", word(object, "/Scope"));
    sheet.time("Created", time(word(object, "/CreatedAt")));
    labels(sheet, object, "/Options");
    labels(sheet, object, "/Labels");
}

pub(super) fn network(sheet: &mut Sheet, object: &Value) {
    sheet.section("Network");
    sheet.fact("Name", word(object, "/Name"));
    sheet.fact("Driver", word(object, "/Driver"));
    sheet.fact("Scope", word(object, "/Scope"));
    sheet.fact(
        "Internal",
        if yes(object, "/Internal") {
            "yes: no way out"
        } else {
            "no"
        },
    );
    for pool in list(object, "/IPAM/Config") {
        sheet.fact("Subnet", word(pool, "/Subnet"));
        sheet.fact("Gateway", word(pool, "/Gateway"));
    }
    sheet.fact("Id", word(object, "/Id"));
    sheet.time("Created", time(word(object, "/Created")));
    sheet.section("Containers");
    for (_, attached) in pairs(object, "/Containers") {
        sheet.fact(word(attached, "/Name"), word(attached, "/IPv4Address"));
    }
    labels(sheet, object, "/Labels");
}
