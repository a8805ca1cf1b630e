//! The loop over a real socket: bytes in the smallest portions, a connection that breaks in the middle of a chunk, a
//! server that goes away and comes back on its port.

use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use quarterdeck::clients::kube::Reader;
use quarterdeck::model::{Kind, SourceStatus};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

use crate::script::{PROTOBUF, Play, STREAM, list, pod, told};

/// A connection whose request has been read.
struct Connection {
    stream: TcpStream,
    /// `/api/v1/pods?watch=1&…`
    target: String,
}

async fn accept(listener: &TcpListener) -> Connection {
    let (mut stream, _) = timeout(Duration::from_secs(30), listener.accept())
        .await
        .expect("a connection")
        .unwrap();
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.unwrap());
    }
    let head = String::from_utf8(head).unwrap();
    let target = head.split(' ').nth(1).unwrap().to_owned();
    Connection { stream, target }
}

impl Connection {
    /// Every request comes over a connection of its own.
    async fn head(&mut self, kind: &str) {
        let head = format!(
            "HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
        );
        self.stream.write_all(head.as_bytes()).await.unwrap();
    }

    async fn chunk(&mut self, bytes: &[u8]) {
        let head = format!("{:x}\r\n", bytes.len());
        self.stream.write_all(head.as_bytes()).await.unwrap();
        self.stream.write_all(bytes).await.unwrap();
        self.stream.write_all(b"\r\n").await.unwrap();
        self.stream.flush().await.unwrap();
    }

    async fn end(mut self) {
        self.stream.write_all(b"0\r\n\r\n").await.unwrap();
    }
}

#[tokio::test]
async fn a_server_comes_and_goes() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address: SocketAddr = listener.local_addr().unwrap();
    let config = kube::Config::new(format!("http://{address}").parse().unwrap());
    let reader = Reader::new(kube::Client::try_from(config).unwrap());
    let play = Play::over(reader, Kind::Pod, false);
    // The play must run while the server is played, so each waits in a task of its own.
    let (steps_tx, mut steps) = tokio::sync::mpsc::unbounded_channel::<&'static str>();
    let server = tokio::spawn(async move {
        let mut page = accept(&listener).await;
        page.head(PROTOBUF).await;
        let whole: Bytes = list(7, "", None, &[pod("a", 3), pod("b", 4)]);
        for piece in whole.chunks(3) {
            page.chunk(piece).await;
        }
        page.end().await;
        let mut watch = accept(&listener).await;
        assert!(watch.target.contains("watch=1"), "{}", watch.target);
        watch.head(STREAM).await;
        let event = told("ADDED", &pod("c", 8));
        for byte in event.chunks(1) {
            watch.chunk(byte).await;
        }
        steps.recv().await;
        // Half an event, half a chunk, and the server is gone.
        let half = format!("{:x}\r\nhalf", event.len());
        watch.stream.write_all(half.as_bytes()).await.unwrap();
        drop((watch, listener));
        steps.recv().await;
        let listener = TcpListener::bind(address).await.unwrap();
        let mut watch = accept(&listener).await;
        assert!(
            watch.target.contains("resourceVersion=8&"),
            "{}",
            watch.target
        );
        watch.head(STREAM).await;
        watch.chunk(&told("DELETED", &pod("a", 9))).await;
        steps.recv().await;
    });
    let mut play = play;
    play.pods(&["a", "b", "c"]).await;
    play.live().await;
    steps_tx.send("go away").unwrap();
    play.until("stale", |_, status| {
        matches!(status, Some(SourceStatus::Stale { .. }))
    })
    .await;
    assert_eq!(play.names(), ["a", "b", "c"], "rows stay");
    steps_tx.send("come back").unwrap();
    play.live().await;
    play.pods(&["b", "c"]).await;
    steps_tx.send("end").unwrap();
    server.await.unwrap();
}
