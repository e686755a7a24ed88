//! `tls`: the certificate that clients see, and theirs.

use std::path::PathBuf;

use toolgate_policy::document::outline::{Node, Shape, Table, may, must};

use super::form::Written;
use super::path::FilePath;
use super::reading::Reading;
use crate::json::Object;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Tls {
    pub(crate) cert: PathBuf,
    pub(crate) key: PathBuf,
    /// Whoever connects shows a certificate that this one signed.
    pub(crate) client_ca: Option<PathBuf>,
}

pub(crate) const FILE: Shape = Shape::Form(&Written(FilePath));

pub(crate) static TABLE: Table = Table {
    name: "tls",
    place: "in `tls`",
    keys: &[
        must("cert", FILE, "The certificate and those above it, PEM."),
        must("key", FILE, "Its private key, PEM."),
        may("client_ca", FILE, "Clients must show a certificate signed by one of these, PEM."),
    ],
};

impl Tls {
    pub(crate) fn read(node: &Node, reading: &mut Reading<'_>) -> Option<Self> {
        let cert = reading.path(node.get("cert"));
        let key = reading.path(node.get("key"));
        let client_ca = reading.path(node.get("client_ca"));
        Some(Self { cert: cert?, key: key?, client_ca })
    }

    pub(crate) fn json(&self) -> String {
        Object::new()
            .path("cert", Some(&self.cert))
            .path("key", Some(&self.key))
            .path("client_ca", self.client_ca.as_deref())
            .finish()
    }
}
