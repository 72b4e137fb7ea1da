//! The file that is being read: resolves paths, reads key files, makes errors that name the place.

use std::fs::File;
use std::io::Read;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;
use serde::de::DeserializeOwned;
use zeroize::Zeroizing;

use super::{ConfigError, KeyFile, Mode};

/// Key files are short: more is a mistake, and would only fill the memory.
const LONGEST_FILE: u64 = 1024 * 1024;
const GROUP_READ: u32 = 0o040;
const GROUP_WRITE_OR_OTHERS: u32 = 0o027;

/// One config file while it is being read.
#[derive(Debug)]
pub(super) struct Source<'a> {
    /// The file.
    pub file: &'a Path,
    /// For real, or for trying out.
    pub mode: Mode,
    /// What is allowed and still worth a sentence.
    pub warnings: &'a mut Vec<String>,
    /// The key files that were read.
    pub key_files: &'a mut Vec<KeyFile>,
}

impl Source<'_> {
    /// Reads the file as TOML of the shape `T`.
    pub(super) fn parse<T: DeserializeOwned>(&self, hint: &'static str) -> Result<T, ConfigError> {
        let text = std::fs::read_to_string(self.file).map_err(|error| ConfigError::Read {
            file: self.file.to_owned(),
            error,
            hint,
        })?;
        toml::from_str(&text)
            .map_err(|error| ConfigError::Shape { file: self.file.to_owned(), text: error.to_string() })
    }

    /// The error that the value at `key` cannot be used.
    pub(super) fn refuse(&self, key: &str, problem: impl Into<String>) -> ConfigError {
        ConfigError::Value { file: self.file.to_owned(), key: key.to_owned(), problem: problem.into() }
    }

    /// `path` as written; a relative one is relative to the directory of this file.
    pub(super) fn path(&self, path: &Path) -> PathBuf {
        self.file.parent().unwrap_or(Path::new("")).join(path)
    }

    /// Reads the public file that `key` names.
    pub(super) fn read(&self, key: &str, path: &Path) -> Result<Zeroizing<Vec<u8>>, ConfigError> {
        let path = self.path(path);
        let file = self.open(key, &path)?;
        self.read_all(key, &path, file)
    }

    /// Reads the PEM certificates of the file that `key` names; at least one.
    pub(super) fn read_certificates(
        &self,
        key: &str,
        path: &Path,
    ) -> Result<Vec<CertificateDer<'static>>, ConfigError> {
        let pem = self.read(key, path)?;
        let certificates = CertificateDer::pem_slice_iter(&pem).collect::<Result<Vec<_>, _>>();
        certificates.ok().filter(|all| !all.is_empty()).ok_or_else(|| {
            let shown = self.path(path);
            self.refuse(key, format!("{} holds no PEM certificate (`BEGIN CERTIFICATE`)", shown.display()))
        })
    }

    /// Reads the key file that `key` names.
    ///
    /// A key that others than its owner and group can read, or others than its owner can change, is no
    /// secret: such a file is refused. One that its group can read passes with a warning, because that is
    /// how systemd's `LoadCredential` and Kubernetes' `fsGroup` hand secrets over. Neither matters for
    /// trying out, where the published example keys lie in a checkout.
    pub(super) fn read_key(&mut self, key: &str, path: &Path) -> Result<Zeroizing<Vec<u8>>, ConfigError> {
        let path = self.path(path);
        let file = self.open(key, &path)?;
        self.key_files.push(KeyFile {
            named_in: self.file.to_owned(),
            key: key.to_owned(),
            path: path.clone(),
        });
        let permissions = file.metadata().map_err(|error| self.unreadable(key, &path, &error))?.permissions();
        let mode = permissions.mode() & 0o777;
        if self.mode == Mode::Serve {
            if mode & GROUP_WRITE_OR_OTHERS != 0 {
                let shown = path.display();
                return Err(self.refuse(
                    key,
                    format!("{shown} has mode {mode:04o}, so that others can read or change this key. Run `chmod 600 {shown}`"),
                ));
            }
            if mode & GROUP_READ != 0 {
                self.warnings.push(format!(
                    "{}: {key}: the group of {} can read this key (mode {mode:04o}).",
                    self.file.display(),
                    path.display()
                ));
            }
        }
        self.read_all(key, &path, file)
    }

    fn open(&self, key: &str, path: &Path) -> Result<File, ConfigError> {
        File::open(path).map_err(|error| self.unreadable(key, path, &error))
    }

    fn read_all(&self, key: &str, path: &Path, file: File) -> Result<Zeroizing<Vec<u8>>, ConfigError> {
        // Room for the whole file at once: a buffer that grows would leave copies of the key behind.
        let room = file.metadata().map_or(0, |metadata| metadata.len()).min(LONGEST_FILE);
        let mut bytes = Zeroizing::new(Vec::with_capacity(usize::try_from(room).unwrap_or(0) + 1));
        file.take(LONGEST_FILE + 1)
            .read_to_end(&mut bytes)
            .map_err(|error| self.unreadable(key, path, &error))?;
        if bytes.len() as u64 > LONGEST_FILE {
            return Err(
                self.refuse(key, format!("{} is longer than 1 MiB; is it the right file?", path.display()))
            );
        }
        Ok(bytes)
    }

    fn unreadable(&self, key: &str, path: &Path, error: &std::io::Error) -> ConfigError {
        self.refuse(
            key,
            format!(
                "{} cannot be read ({error}). Check the path (relative paths begin at this file's directory) and that the relay's user may read it",
                path.display()
            ),
        )
    }
}
