//! TLS to a daemon: its certificate is checked against `ca.pem`, ours is `cert.pem` with `key.pem`.

use std::path::Path;
use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::host::Certificates;
use crate::clients::fault::Fault;

/// How TLS is spoken to one daemon.
pub(super) struct Tls {
    connector: TlsConnector,
    name: ServerName<'static>,
}

impl Tls {
    pub(super) fn new(certificates: &Certificates, host: &str) -> Result<Self, Fault> {
        let name = ServerName::try_from(host.to_owned())
            .map_err(|_| Fault::Misconfigured(format!("{host} is no name to check TLS against")))?;
        let provider = Arc::new(ring::default_provider());
        let folder = certificates.folder.as_deref();
        let roots = Arc::new(roots(folder)?);
        let verifier = WebPkiServerVerifier::builder_with_provider(roots, provider.clone())
            .build()
            .map_err(|error| Fault::Misconfigured(error.to_string()))?;
        let verifier: Arc<dyn ServerCertVerifier> = if certificates.unchecked {
            Arc::new(Unchecked(verifier))
        } else {
            verifier
        };
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| Fault::Misconfigured(error.to_string()))?
            .dangerous()
            .with_custom_certificate_verifier(verifier);
        let config = match folder.map(own).transpose()?.flatten() {
            Some((chain, key)) => config
                .with_client_auth_cert(chain, key)
                .map_err(|error| Fault::Misconfigured(format!("cert.pem and key.pem: {error}")))?,
            None => config.with_no_client_auth(),
        };
        Ok(Self {
            connector: TlsConnector::from(Arc::new(config)),
            name,
        })
    }

    pub(super) async fn connect(&self, stream: TcpStream) -> std::io::Result<TlsStream<TcpStream>> {
        self.connector.connect(self.name.clone(), stream).await
    }
}

/// The authorities that are trusted: those of `ca.pem`, else the system's.
fn roots(folder: Option<&Path>) -> Result<RootCertStore, Fault> {
    let mut roots = RootCertStore::empty();
    match folder
        .map(|folder| folder.join("ca.pem"))
        .filter(|path| path.exists())
    {
        Some(path) => {
            let (added, _) = roots.add_parsable_certificates(chain(&path)?);
            if added == 0 {
                return Err(wrong(&path, "holds no certificate"));
            }
        }
        None => {
            roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        }
    }
    Ok(roots)
}

/// Our own certificate, where there is one.
#[allow(
    clippy::type_complexity,
    reason = "a chain and its key, handed straight to rustls"
)]
fn own(
    folder: &Path,
) -> Result<Option<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>)>, Fault> {
    let (certificate, key) = (folder.join("cert.pem"), folder.join("key.pem"));
    if !certificate.exists() && !key.exists() {
        return Ok(None);
    }
    let private = PrivateKeyDer::from_pem_file(&key)
        .map_err(|error| wrong(&key, &format!("no private key: {error}")))?;
    Ok(Some((chain(&certificate)?, private)))
}

fn chain(path: &Path) -> Result<Vec<CertificateDer<'static>>, Fault> {
    CertificateDer::pem_file_iter(path)
        .and_then(Iterator::collect)
        .map_err(|error| wrong(path, &error.to_string()))
}

fn wrong(path: &Path, words: &str) -> Fault {
    Fault::Misconfigured(format!("{}: {words}", path.display()))
}

/// Takes any certificate, because the context says so; the header shows that. Signatures are still checked.
#[derive(Debug)]
struct Unchecked(Arc<WebPkiServerVerifier>);

impl ServerCertVerifier for Unchecked {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.0
            .verify_tls12_signature(message, certificate, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.0
            .verify_tls13_signature(message, certificate, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.supported_verify_schemes()
    }
}
