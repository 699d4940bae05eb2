//! Kafka's own jars, brought by Maven.
//!
//! A release is fetched once, into `VERSION/libs` of the cache (`$KAFKA_JARS`, or `target/kafka`), by the first process that
//! asks; the others wait at a lock. A release that is there is used without a word to Maven or the network, and one
//! that Maven's own repository still has is copied from it, offline.

use crate::error::{Error, Result};
use crate::places;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// The release that tests run against where they don't care.
pub const LATEST: &str = "4.4.0";

/// The last release that speaks the versions and the record formats which 4.0 dropped.
pub const LAST_BEFORE_4: &str = "3.9.2";

/// The jars of one Kafka release: brokers, tools and the Java client, or the client alone.
#[derive(Debug, Clone)]
pub struct Jars {
    version: String,
    dir: PathBuf,
}

impl Jars {
    /// The jars of release `version` (`"4.4.0"`), fetched where the cache has not got them. KRaft releases (4.0 and later) only.
    pub fn fetch(version: &str) -> Result<Self> {
        Self::fetch_into(version, version, &broker_pom(version))
    }

    /// The Java client of release `version`, fetched where the cache has not got it, with what its JSON converters need.
    pub fn client(version: &str) -> Result<Self> {
        Self::fetch_into(version, &format!("client-{version}"), &client_pom(version))
    }

    fn fetch_into(version: &str, folder: &str, pom_text: &str) -> Result<Self> {
        let dir = places::cache().join(folder);
        fs::create_dir_all(&dir).map_err(Error::at(&dir))?;
        let jars = Self { version: version.to_owned(), dir };
        let done = jars.dir.join(".done");
        let _lock = places::lock(&jars.dir.join(".lock"))?;
        if !done.exists() {
            // What an interrupted fetch left may be half a jar.
            let _ = fs::remove_dir_all(jars.libs());
            let pom = jars.dir.join("pom.xml");
            fs::write(&pom, pom_text).map_err(Error::at(&pom))?;
            copy_dependencies(&pom, &jars.libs(), true)
                .or_else(|_| copy_dependencies(&pom, &jars.libs(), false))?;
            fs::write(&done, "").map_err(Error::at(&done))?;
        }
        Ok(jars)
    }

    /// The release.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// The directory of the release in the cache.
    pub(crate) fn dir(&self) -> &Path {
        &self.dir
    }

    /// The directory that holds the jars.
    pub fn libs(&self) -> PathBuf {
        self.dir.join("libs")
    }

    /// The class path of all of them, as `java -cp` takes it.
    pub fn class_path(&self) -> String {
        format!("{}/*", self.libs().display())
    }

    /// `java` with these jars and `flags`; the main class and its arguments are still to be added.
    pub fn java(&self, flags: &[&str]) -> Command {
        let mut java = Command::new("java");
        java.args(flags).arg("-cp").arg(self.class_path());
        java
    }
}

/// Runs a command to its end; its failure comes back with all that it printed.
pub(crate) fn run(command: &mut Command) -> Result<Output> {
    let program = command.get_program().to_string_lossy().into_owned();
    let output = command.output().map_err(Error::io(&program))?;
    check(program, output)
}

/// `output`, or the error of a program that failed.
pub(crate) fn check(program: String, output: Output) -> Result<Output> {
    if output.status.success() {
        return Ok(output);
    }
    let printed = [output.stdout, output.stderr].concat();
    Err(Error::Tool {
        program,
        status: output.status,
        output: String::from_utf8_lossy(&printed).into_owned(),
    })
}

fn copy_dependencies(pom: &Path, libs: &Path, offline: bool) -> Result<Output> {
    let mut maven = Command::new("mvn");
    maven.args(["--quiet", "--batch-mode", "--file"]).arg(pom);
    if offline {
        maven.arg("--offline");
    }
    maven
        .args(["dependency:copy-dependencies", "-DincludeScope=runtime"])
        .arg(format!("-DoutputDirectory={}", libs.display()));
    run(&mut maven)
}

/// The broker with all it needs, and a place for its logging to go.
///
/// The exclusions are artifacts that brokers name but no repository has, or that nobody here needs.
fn broker_pom(version: &str) -> String {
    let exclusions = [
        ("org.apache.kafka", "kafka-tools-api"),
        ("com.sun.jmx", "*"),
        ("com.sun.jdmk", "*"),
        ("javax.jms", "*"),
    ];
    let broker = dependency(("org.apache.kafka", "kafka_2.13", version), &exclusions);
    pom_text("kafka", version, &[broker, logging()])
}

/// The client, and Jackson, which it leaves to whoever calls its JSON converters.
fn client_pom(version: &str) -> String {
    let client = dependency(("org.apache.kafka", "kafka-clients", version), &[]);
    let jackson = ("com.fasterxml.jackson.core", "jackson-databind", "2.16.2");
    let jdk8 = ("com.fasterxml.jackson.datatype", "jackson-datatype-jdk8", "2.16.2");
    pom_text(
        "client",
        version,
        &[client, dependency(jackson, &[]), dependency(jdk8, &[]), logging()],
    )
}

fn logging() -> String {
    dependency(("org.slf4j", "slf4j-simple", "1.7.36"), &[])
}

fn dependency(
    (group, artifact, version): (&str, &str, &str),
    exclusions: &[(&str, &str)],
) -> String {
    let excluded: String = exclusions
        .iter()
        .map(|(group, artifact)| {
            format!(
                "<exclusion><groupId>{group}</groupId><artifactId>{artifact}</artifactId></exclusion>"
            )
        })
        .collect();
    format!(
        "<dependency><groupId>{group}</groupId><artifactId>{artifact}</artifactId><version>{version}</version>\
         <exclusions>{excluded}</exclusions></dependency>\n"
    )
}

/// A project whose only content is its dependencies.
fn pom_text(artifact: &str, version: &str, dependencies: &[String]) -> String {
    format!(
        "<project xmlns=\"http://maven.apache.org/POM/4.0.0\">\n<modelVersion>4.0.0</modelVersion>\n\
         <groupId>kafka.interop</groupId><artifactId>{artifact}</artifactId><version>{version}</version><packaging>pom</packaging>\n\
         <dependencies>\n{}</dependencies>\n</project>\n",
        dependencies.concat()
    )
}
