//! The secret behind visitors' tokens, kept in a file so that a restart forgets nobody.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write as _};
use std::path::Path;

use super::Failure;

/// The file's name, beside the database.
pub(crate) const FILE: &str = "helpdesk.key";

/// The key in this file; a new one where there is none.
pub(crate) fn load_or_create(path: &Path) -> Result<Vec<u8>, Failure> {
    let key = match std::fs::read_to_string(path) {
        Ok(text) => text.trim().to_owned(),
        Err(error) if error.kind() == ErrorKind::NotFound => create(path)?,
        Err(error) => return Err(format!("{} cannot be read: {error}", path.display()).into()),
    };
    if key.len() < 32 {
        return Err(format!("{} holds no key: it needs 32 characters or more; remove it to have a new one made", path.display()).into());
    }
    Ok(key.into_bytes())
}

fn create(path: &Path) -> Result<String, Failure> {
    let key: String = rand::random::<[u8; 32]>().iter().map(|byte| format!("{byte:02x}")).collect();
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    // Readable by its owner alone from the first moment on.
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path).map_err(|error| format!("{} cannot be made: {error}", path.display()))?;
    file.write_all(key.as_bytes())?;
    file.sync_all()?;
    Ok(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_made_once_and_only_its_owner_may_read_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(FILE);
        let key = load_or_create(&path).unwrap();
        assert_eq!(key.len(), 64);
        assert_eq!(load_or_create(&path).unwrap(), key);
        #[cfg(unix)]
        assert_eq!(std::os::unix::fs::PermissionsExt::mode(&path.metadata().unwrap().permissions()) & 0o777, 0o600);
        std::fs::write(&path, "short").unwrap();
        assert!(load_or_create(&path).unwrap_err().to_string().contains("holds no key"));
    }
}
