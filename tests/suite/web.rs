//! The HTTP client of Prometheus and Alertmanager against a server that says what the test wants: how it logs in, what
//! it refuses to read, and that every failure is told in words.

use std::fs;
use std::time::Duration;

use quarterdeck::clients::fault::Fault;
use quarterdeck::clients::http::Reader;
use quarterdeck::config::web::Header;
use quarterdeck::config::{Secret, WebServer};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::sync::mpsc;

/// A server that answers each request with the next of its answers, and tells what it was asked.
pub(crate) async fn server(answers: Vec<String>) -> (String, mpsc::UnboundedReceiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (asked_tx, asked_rx) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        for answer in answers {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                head.push(stream.read_u8().await.unwrap());
            }
            let mut text = String::from_utf8(head).unwrap();
            let length = text
                .to_lowercase()
                .lines()
                .find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
            let mut body = vec![0; length.unwrap_or(0)];
            stream.read_exact(&mut body).await.unwrap();
            text.push_str(&String::from_utf8(body).unwrap());
            asked_tx.send(text).unwrap();
            // The client may well hang up before it has read all.
            let _ = stream.write_all(answer.as_bytes()).await;
        }
    });
    (url, asked_rx)
}

pub(crate) fn answer(code: u16, kind: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "HTTP/1.1 {code} X\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
    )
}

async fn told(code: u16, kind: &str, body: &str) -> Fault {
    let (url, _asked) = server(vec![answer(code, kind, body)]).await;
    let reader = Reader::new(&WebServer::at(url)).unwrap();
    reader.get("/x", &[]).await.unwrap_err()
}

#[tokio::test]
async fn every_refusal_is_told_in_words() {
    const JSON: &str = "application/json";
    const TEXT: &str = "text/plain; charset=utf-8";
    const HTML: &str = "text/html; charset=utf-8";
    let page = "<!doctype html><title>Sign in</title>";
    let cases = [
        (401, TEXT, "Unauthorized\n", "login needed: Unauthorized"),
        (403, HTML, page, "these credentials may not look here (403)"),
        (
            404,
            TEXT,
            "404 page not found\n",
            "answered 404: 404 page not found",
        ),
        (
            404,
            HTML,
            page,
            "answered 404: there is nothing at this path; does the url lack its prefix?",
        ),
        (
            405,
            TEXT,
            "Method Not Allowed",
            "answered 405: Method Not Allowed",
        ),
        (
            422,
            JSON,
            r#"{"status":"error","errorType":"execution","error":"many-to-many matching not allowed"}"#,
            "answered 422: many-to-many matching not allowed",
        ),
        (
            400,
            JSON,
            r#""bad matcher format: x""#,
            "answered 400: bad matcher format: x",
        ),
        (
            400,
            JSON,
            r#"{"code":602,"message":"body is required"}"#,
            "answered 400: body is required",
        ),
        (
            503,
            JSON,
            r#"{"status":"error","errorType":"timeout","error":"query timed out"}"#,
            "answered 503: query timed out",
        ),
        (503, TEXT, "", "the server is busy (503)"),
        (502, HTML, page, "the server is busy (502)"),
        (
            200,
            HTML,
            page,
            "answered with a web page: is there a login in front of it, or is the address one of another thing?",
        ),
    ];
    for (code, kind, body, expected) in cases {
        assert_eq!(
            told(code, kind, body).await.to_string(),
            expected,
            "{code} {kind}"
        );
    }
}

#[tokio::test]
async fn an_answer_that_is_too_large_is_not_read() {
    let head =
        "HTTP/1.1 200 X\r\nContent-Type: application/json\r\nContent-Length: 209715200\r\n\r\n{";
    // Without a length it is noticed while reading.
    let endless = format!(
        "HTTP/1.1 200 X\r\nContent-Type: application/json\r\n\r\n{}",
        "x".repeat(3 << 20)
    );
    for text in [head.to_owned(), endless] {
        let (url, _asked) = server(vec![text]).await;
        let settings = WebServer {
            answer_at_most: 1 << 20,
            ..WebServer::at(url)
        };
        let fault = Reader::new(&settings)
            .unwrap()
            .get("/x", &[])
            .await
            .unwrap_err();
        assert_eq!(
            fault.to_string(),
            "the answer is larger than 1 MB and was not read: ask for less, or raise answer_at_most_mb"
        );
    }
}

#[tokio::test]
async fn a_server_that_says_nothing_is_given_up() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let settings = WebServer {
        timeout: 1,
        ..WebServer::at(format!("http://{}", listener.local_addr().unwrap()))
    };
    let fault = Reader::new(&settings)
        .unwrap()
        .get("/x", &[])
        .await
        .unwrap_err();
    assert_eq!(fault, Fault::Late(1));
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let fault = Reader::new(&WebServer::at(url))
        .unwrap()
        .get("/x", &[])
        .await
        .unwrap_err();
    assert!(
        fault.to_string().ends_with("refused the connection"),
        "{fault}"
    );
}

#[tokio::test]
async fn logging_in_headers_tenants_and_prefixes_reach_the_server() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("secret");
    fs::write(&file, "hush\n").unwrap();
    let ok = || answer(200, "application/json", "{}");
    let (url, mut asked) = server(vec![ok(), ok(), ok()]).await;
    let basic = WebServer {
        username: Some("me".to_owned()),
        password: Some(Secret::File(file.clone())),
        headers: vec![("X-Scope-OrgID".to_owned(), Header::Plain("shop".to_owned()))],
        ..WebServer::at(format!("{url}/prometheus/"))
    };
    Reader::new(&basic)
        .unwrap()
        .query("/api/v1/query", &[("query", "a{b=\"c d\"}")])
        .await
        .unwrap();
    let text = asked.recv().await.unwrap();
    assert!(
        text.starts_with("POST /prometheus/api/v1/query HTTP/1.1\r\n"),
        "{text}"
    );
    assert!(
        text.contains("authorization: Basic bWU6aHVzaA==\r\n"),
        "{text}"
    );
    assert!(text.contains("x-scope-orgid: shop\r\n"), "{text}");
    assert!(
        text.ends_with("\r\n\r\nquery=a%7Bb%3D%22c%20d%22%7D"),
        "{text}"
    );

    let words = ["sh", "-c", "echo token"].map(str::to_owned).to_vec();
    let bearer = WebServer {
        token: Some(Secret::Command(words)),
        ..WebServer::at(&url)
    };
    let reader = Reader::new(&bearer).unwrap();
    reader.get("/x", &[("match[]", "up")]).await.unwrap();
    let text = asked.recv().await.unwrap();
    assert!(
        text.starts_with("GET /x?match%5B%5D=up HTTP/1.1\r\n"),
        "{text}"
    );
    assert!(text.contains("authorization: Bearer token\r\n"), "{text}");

    let inline = WebServer::at(url.replace("http://", "http://me:hush@"));
    Reader::new(&inline).unwrap().get("/x", &[]).await.unwrap();
    let text = asked.recv().await.unwrap();
    assert!(
        text.contains("authorization: Basic bWU6aHVzaA==\r\n"),
        "{text}"
    );
    assert!(!text.contains("me:hush"), "{text}");
}

#[tokio::test]
async fn a_token_that_was_renewed_is_read_again() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("token");
    fs::write(&file, "old").unwrap();
    let (url, mut asked) = server(vec![
        answer(200, "application/json", "{}"),
        answer(401, "text/plain", "expired"),
        answer(200, "application/json", "{}"),
    ])
    .await;
    let settings = WebServer {
        token: Some(Secret::File(file.clone())),
        ..WebServer::at(url)
    };
    let reader = Reader::new(&settings).unwrap();
    reader.get("/x", &[]).await.unwrap();
    fs::write(&file, "new").unwrap();
    reader.get("/x", &[]).await.unwrap();
    for token in ["old", "old", "new"] {
        let text = asked.recv().await.unwrap();
        assert!(
            text.contains(&format!("authorization: Bearer {token}\r\n")),
            "{text}"
        );
    }
}

#[tokio::test]
async fn secrets_that_cannot_be_read_are_named_but_never_shown() {
    let cases = [
        (
            Secret::Variable("QD_NO_SUCH_SECRET".to_owned()),
            "token: the variable QD_NO_SUCH_SECRET is not set",
        ),
        (
            Secret::Command(vec!["false".to_owned()]),
            "token: false ended with exit status: 1",
        ),
        (
            Secret::Command(
                ["sh", "-c", "echo hush; exit 3"]
                    .map(str::to_owned)
                    .to_vec(),
            ),
            "token: sh ended with exit status: 3",
        ),
    ];
    for (secret, expected) in cases {
        let settings = WebServer {
            token: Some(secret),
            ..WebServer::at("http://127.0.0.1:9")
        };
        let reader = Reader::new(&settings).unwrap();
        let asked = reader.get("/x", &[]);
        let fault = tokio::time::timeout(Duration::from_secs(30), asked)
            .await
            .unwrap();
        assert_eq!(fault.unwrap_err().to_string(), expected);
    }
}
