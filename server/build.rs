//! Makes the files that `src/docs/mod.rs` embeds: Swagger UI from the archive of a crate, and the contract as JSON.

use std::error::Error;
use std::io::{Cursor, Read};
use std::path::PathBuf;
use std::{env, fs};

use utoipa_swagger_ui_vendored::SWAGGER_UI_VENDORED;
use zip::ZipArchive;

const CONTRACT: &str = "../api/messageToHash.yaml";
/// The folder in the archive. Its name contains the release of Swagger UI.
const FOLDER: &str = "swagger-ui-5.32.6/dist";
const FILES: [&str; 3] = ["swagger-ui-bundle.js", "swagger-ui.css", "favicon-32x32.png"];

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed={CONTRACT}");
    let out = PathBuf::from(env::var("OUT_DIR")?);

    let contract: serde_json::Value = serde_saphyr::from_str(&fs::read_to_string(CONTRACT)?)?;
    fs::write(out.join("openapi.json"), serde_json::to_vec(&contract)?)?;

    let mut archive = ZipArchive::new(Cursor::new(SWAGGER_UI_VENDORED))?;
    for file in FILES {
        let mut bytes = Vec::new();
        archive.by_name(&format!("{FOLDER}/{file}"))?.read_to_end(&mut bytes)?;
        fs::write(out.join(file), bytes)?;
    }
    Ok(())
}
