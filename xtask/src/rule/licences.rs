//! Which licences, crates and registries the dependency tree may hold, as `deny.toml` says.
//!
//! The file has cargo-deny's format. This is not cargo-deny because a new machine would first build it, which takes longer than
//! everything else `cargo xtask check` does; of its rules only those are understood that the file uses, and an unknown key is an error.

use std::path::Path;

use serde::Deserialize;

use crate::failure::{Context, Failure, Result};
use crate::workspace::{Package, Workspace};

/// Checks every package that any feature on any platform brings in.
pub(crate) fn check(workspace: &Workspace) -> Result<()> {
    let rules = Rules::read(&workspace.root().join("deny.toml"))?;
    let packages = workspace.dependencies()?;
    let faults: Vec<String> = packages.iter().flat_map(|package| rules.faults(package)).collect();
    if faults.is_empty() {
        println!("{} packages are as deny.toml allows", packages.len());
        return Ok(());
    }
    Err(Failure::new(format!("deny.toml does not allow:\n{}", faults.join("\n"))))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Rules {
    #[serde(rename = "graph")]
    _graph: Graph,
    licenses: Licences,
    bans: Bans,
    sources: Sources,
}

/// Read so that another value than the one we apply is refused.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Graph {
    #[serde(rename = "all-features", deserialize_with = "only_true")]
    _all_features: (),
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Licences {
    allow: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Bans {
    #[serde(rename = "multiple-versions")]
    _multiple_versions: MultipleVersions,
    deny: Vec<Ban>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum MultipleVersions {
    Allow,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Ban {
    #[serde(rename = "crate")]
    name: String,
    reason: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Sources {
    #[serde(rename = "unknown-registry")]
    _unknown_registry: UnknownSource,
    #[serde(rename = "unknown-git")]
    _unknown_git: UnknownSource,
    allow_registry: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum UnknownSource {
    Deny,
}

fn only_true<'de, D: serde::Deserializer<'de>>(deserializer: D) -> std::result::Result<(), D::Error> {
    if bool::deserialize(deserializer)? {
        return Ok(());
    }
    Err(serde::de::Error::custom("every feature is checked"))
}

impl Rules {
    fn read(path: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(path).context(format!("reading {}", path.display()))?;
        toml::from_str(&text).context(format!("understanding {}", path.display()))
    }

    fn faults(&self, package: &Package) -> Vec<String> {
        let named = format!("{} {}", package.name, package.version);
        let mut faults = Vec::new();
        if let Some(ban) = self.bans.deny.iter().find(|ban| ban.name == package.name) {
            faults.push(format!("{named}: {} (`cargo tree --all-features --invert {}` shows who asks for it)", ban.reason, package.name));
        }
        if let Err(reason) = self.licences_allow(package.license.as_deref()) {
            faults.push(format!("{named}: {reason}"));
        }
        if let Some(source) = &package.source
            && !self.knows_source(source)
        {
            faults.push(format!("{named}: comes from {source}"));
        }
        faults
    }

    fn licences_allow(&self, expression: Option<&str>) -> std::result::Result<(), String> {
        let expression = expression.ok_or("names no licence")?;
        // The lax mode reads the `MIT/Apache-2.0` of older manifests.
        let parsed = spdx::Expression::parse_mode(expression, spdx::ParseMode::LAX)
            .map_err(|error| format!("the licence `{expression}` is no SPDX expression: {error}"))?;
        if parsed.evaluate(|licence| self.licenses.allow.contains(&licence.to_string())) {
            return Ok(());
        }
        Err(format!("the licence is {expression}"))
    }

    fn knows_source(&self, source: &str) -> bool {
        source.strip_prefix("registry+").is_some_and(|registry| self.sources.allow_registry.iter().any(|known| known == registry))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULES: &str = r#"
        [graph]
        all-features = true
        [licenses]
        allow = ["MIT", "Apache-2.0", "Apache-2.0 WITH LLVM-exception", "Unicode-3.0"]
        [bans]
        multiple-versions = "allow"
        deny = [{ crate = "openssl-sys", reason = "TLS is rustls" }]
        [sources]
        unknown-registry = "deny"
        unknown-git = "deny"
        allow-registry = ["https://registry.example/index"]
    "#;

    fn faults(name: &str, licence: Option<&str>, source: Option<&str>) -> Vec<String> {
        let package = Package {
            name: name.to_owned(),
            version: "1.0.0".to_owned(),
            license: licence.map(str::to_owned),
            source: source.map(str::to_owned),
            features: std::collections::BTreeMap::new(),
            targets: Vec::new(),
        };
        toml::from_str::<Rules>(RULES).unwrap().faults(&package)
    }

    #[test]
    fn a_licence_passes_if_some_choice_is_allowed_entirely() {
        for good in
            ["MIT", "MIT OR GPL-3.0-only", "MIT/Apache-2.0", "(MIT OR Apache-2.0) AND Unicode-3.0", "Apache-2.0 WITH LLVM-exception"]
        {
            assert_eq!(faults("a", Some(good), None), [""; 0], "{good}");
        }
        for bad in ["GPL-3.0-only", "MIT AND GPL-3.0-only", "Unicode-3.0 WITH LLVM-exception", "whatever we like"] {
            assert_eq!(faults("a", Some(bad), None).len(), 1, "{bad}");
        }
        assert_eq!(faults("a", None, None), ["a 1.0.0: names no licence"]);
    }

    #[test]
    fn a_banned_crate_is_refused_with_the_reason() {
        let faults = faults("openssl-sys", Some("MIT"), None);
        assert!(faults[0].contains("TLS is rustls"), "{faults:?}");
    }

    #[test]
    fn only_known_registries_are_sources() {
        let known = Some("registry+https://registry.example/index");
        assert_eq!(faults("a", Some("MIT"), known), [""; 0]);
        for foreign in ["registry+https://elsewhere.example/index", "git+https://registry.example/index"] {
            assert_eq!(faults("a", Some("MIT"), Some(foreign)).len(), 1, "{foreign}");
        }
    }

    #[test]
    fn a_rule_that_is_not_understood_is_an_error() {
        for (from, to) in [
            ("[bans]", "[bans]\nwildcards = \"deny\""),
            ("all-features = true", "all-features = false"),
            ("unknown-git = \"deny\"", "unknown-git = \"warn\""),
        ] {
            assert!(toml::from_str::<Rules>(&RULES.replace(from, to)).is_err(), "{to}");
        }
    }

    #[test]
    fn the_rules_of_this_project_are_understood() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../deny.toml");
        let rules = Rules::read(&path).unwrap();
        assert!(rules.bans.deny.iter().any(|ban| ban.name == "aws-lc-sys"));
    }
}
