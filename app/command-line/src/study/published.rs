//! `fusionscope study published`.

use fusionscope_engine::protocol::counted;
use fusionscope_engine::study::published::{
    PublishedPaper, PublishedTable, published_paper, published_papers, published_table, published_text,
};

use crate::exit::{Exit, OrFail as _, Outcome};
use crate::output;

/// Lists the printed tables of all papers or of one, or prints one.
pub fn run(what: Option<&str>, json: bool) -> Outcome {
    match what {
        None => published_papers().or_fail()?.iter().try_for_each(|paper| list(paper, json))?,
        Some(address) if address.contains('/') => {
            let (paper, table) = published_table(address).or_fail()?;
            if json {
                output::json(&whole(&paper, &table))?;
            } else {
                output::text(&published_text(&paper, &table));
            }
        }
        Some(paper) => list(&published_paper(paper).or_fail()?, json)?,
    }
    Ok(Exit::Done)
}

fn list(paper: &PublishedPaper, json: bool) -> Result<(), crate::exit::Failure> {
    for table in &paper.tables {
        if json {
            output::json(&whole(paper, table))?;
        } else {
            let (name, rows) = (format!("{}/{}", paper.key, table.id), counted(table.rows.len() as u64, "row"));
            let page = table.page.map_or_else(String::new, |page| format!(", page {page}"));
            output::line(&format!("{name:<32}  {}{page}: {} ({rows})", table.printed_as, table.title));
        }
    }
    Ok(())
}

/// A table and what of its paper says where it stands.
fn whole(paper: &PublishedPaper, table: &PublishedTable) -> serde_json::Value {
    let PublishedPaper { key, name, title, authors, venue, pages, .. } = paper;
    serde_json::json!({
        "paper": {"key": key, "name": name, "title": title, "authors": authors, "venue": venue, "pages": pages},
        "table": table,
    })
}
