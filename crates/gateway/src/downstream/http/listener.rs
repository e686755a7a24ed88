//! Where clients connect: an address or a socket on this machine, in plain text or TLS.

use std::io;
use std::net::SocketAddr;
use std::os::unix::fs::{FileTypeExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, UnixListener, UnixStream};

use crate::options::{RunError, RunErrorKind};
use crate::random;

use super::tls::Tls;

#[derive(Debug)]
pub(crate) struct Listener {
    socket: Socket,
    tls: Option<Arc<Tls>>,
}

#[derive(Debug)]
enum Socket {
    Tcp(TcpListener, SocketAddr),
    Unix(UnixListener, SocketFile),
}

/// Gone with its listener.
#[derive(Debug)]
struct SocketFile(PathBuf);

/// What hyper reads from and writes to.
pub(super) trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

impl Listener {
    /// `setting` is what to change if that cannot be.
    pub(crate) async fn tcp(address: SocketAddr, setting: &str) -> Result<Self, RunError> {
        let unusable = |error: io::Error| unusable(&address.to_string(), setting, &error);
        let socket = TcpListener::bind(address).await.map_err(unusable)?;
        let bound = socket.local_addr().map_err(unusable)?;
        Ok(Self { socket: Socket::Tcp(socket, bound), tls: None })
    }

    /// Only the user who runs the gateway may connect. Whoever listens there already is left in
    /// peace; a file that nobody listens on any more is replaced.
    pub(crate) async fn unix(path: &Path, setting: &str) -> Result<Self, RunError> {
        let name = path.display().to_string();
        let socket = match make_socket(path).await {
            Ok(socket) => socket,
            Err(error) => return Err(unusable(&name, setting, &error)),
        };
        Ok(Self { socket: Socket::Unix(socket, SocketFile(path.to_owned())), tls: None })
    }

    pub(crate) fn with_tls(self, tls: Option<Arc<Tls>>) -> Self {
        Self { tls, ..self }
    }

    pub(crate) fn tls(&self) -> Option<&Arc<Tls>> {
        self.tls.as_ref()
    }

    pub(crate) fn bound(&self) -> Option<SocketAddr> {
        match &self.socket {
            Socket::Tcp(_, bound) => Some(*bound),
            Socket::Unix(..) => None,
        }
    }

    /// Where clients find it, as a person would write it.
    pub(crate) fn address(&self) -> String {
        match (&self.socket, &self.tls) {
            (Socket::Tcp(_, bound), None) => format!("http://{bound}"),
            (Socket::Tcp(_, bound), Some(_)) => format!("https://{bound}"),
            (Socket::Unix(_, file), _) => format!("unix:{}", file.0.display()),
        }
    }

    pub(super) async fn accept(&self) -> io::Result<Box<dyn Stream>> {
        Ok(match &self.socket {
            Socket::Tcp(socket, _) => {
                let (stream, _) = socket.accept().await?;
                // A small answer must not wait for another one.
                let _ = stream.set_nodelay(true);
                Box::new(stream)
            }
            Socket::Unix(socket, _) => Box::new(socket.accept().await?.0),
        })
    }
}

/// It is reachable by its name only once nobody else may connect, so it is made beside it.
async fn make_socket(path: &Path) -> io::Result<UnixListener> {
    match std::fs::symlink_metadata(path) {
        Ok(there) if !there.file_type().is_socket() => {
            let text = "there is a file that is no socket";
            return Err(io::Error::new(io::ErrorKind::AlreadyExists, text));
        }
        Ok(_) if UnixStream::connect(path).await.is_ok() => {
            let text = "somebody listens there already";
            return Err(io::Error::new(io::ErrorKind::AddrInUse, text));
        }
        _ => {}
    }
    let name = random::hex::<4>().map_err(|error| io::Error::other(error.text))?;
    let beside = path.with_file_name(format!(".{name}"));
    let socket = UnixListener::bind(&beside)?;
    let owner_only = std::fs::Permissions::from_mode(0o600);
    let placed =
        std::fs::set_permissions(&beside, owner_only).and_then(|()| std::fs::rename(&beside, path));
    if placed.is_err() {
        let _ = std::fs::remove_file(&beside);
    }
    placed.map(|()| socket)
}

fn unusable(address: &str, setting: &str, error: &io::Error) -> RunError {
    let text = format!("cannot listen on {address}: {error}; choose another with `{setting}`");
    RunError::new(RunErrorKind::Usage, text)
}

impl Drop for SocketFile {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}
