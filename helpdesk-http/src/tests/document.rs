//! The OpenAPI document.

use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs};

use serde_json::Value;

fn document() -> Value {
    serde_json::from_str(&crate::openapi_json()).unwrap()
}

#[test]
fn the_routes_and_what_they_answer() {
    let document = document();
    let mut list = String::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let answers: Vec<_> = operation["responses"].as_object().unwrap().keys().map(String::as_str).collect();
            writeln!(list, "{} {path}: {}", method.to_uppercase(), answers.join(" ")).unwrap();
        }
    }
    insta::assert_snapshot!(list);
}

#[test]
fn every_reference_leads_somewhere() {
    fn walk<'a>(value: &'a Value, found: &mut Vec<&'a str>) {
        match value {
            Value::Object(map) => {
                found.extend(map.get("$ref").and_then(Value::as_str));
                map.values().for_each(|value| walk(value, found));
            }
            Value::Array(items) => items.iter().for_each(|value| walk(value, found)),
            _ => {}
        }
    }
    let document = document();
    let mut found = Vec::new();
    walk(&document, &mut found);
    assert!(found.len() > 100);
    for reference in found {
        let pointer = reference.strip_prefix('#').unwrap();
        assert!(document.pointer(pointer).is_some(), "{reference} leads nowhere");
    }
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"), "{}", document["openapi"]);
    assert_eq!(document["servers"][0]["url"], "../..");
}

#[test]
fn every_operation_has_a_name_a_sentence_and_credentials() {
    let document = document();
    let mut names = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            assert!(operation["summary"].as_str().is_some_and(|text| text.ends_with('.')), "{method} {path} says nothing");
            assert!(operation["security"].is_array(), "{method} {path}");
            names.push(operation["operationId"].as_str().unwrap().to_owned());
        }
    }
    let count = names.len();
    names.sort();
    names.dedup();
    assert_eq!(names.len(), count, "operation ids are unique: {names:?}");
}

/// The pages' types are generated from a copy of the document. `HELPDESK_WRITE_OPENAPI=1` writes it anew.
#[test]
fn the_pages_know_the_document_as_it_is() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("ui/shared");
    // The published crate holds what the pages build to, not their sources.
    if !folder.is_dir() {
        return;
    }
    let path = folder.join("openapi.json");
    if env::var_os("HELPDESK_WRITE_OPENAPI").is_some() {
        let mut text = serde_json::to_string_pretty(&document()).unwrap();
        text.push('\n');
        fs::write(&path, text).unwrap();
    }
    let held: Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
    assert!(
        held == document(),
        "{} is not the document: run `HELPDESK_WRITE_OPENAPI=1 cargo test -p helpdesk-http document`, then `npm run generate` in helpdesk-http/ui",
        path.display()
    );
}

#[test]
fn every_post_may_carry_a_client_id() {
    let document = document();
    let mut posts = 0;
    for (path, item) in document["paths"].as_object().unwrap() {
        let Some(post) = item.get("post").filter(|_| !path.ends_with("/frames")) else { continue };
        let mut schema = &post["requestBody"]["content"]["application/json"]["schema"];
        while let Some(reference) = schema.pointer("/$ref") {
            schema = document.pointer(reference.as_str().unwrap().strip_prefix('#').unwrap()).unwrap();
        }
        assert_eq!(schema["properties"]["client_id"]["maxLength"], 64, "POST {path}: {schema}");
        posts += 1;
    }
    assert!(posts > 14, "{posts}");
}
