//! Text within Markdown.

/// `text` as it can stand in a cell of a table: nothing in it ends the cell or begins an element of HTML.
#[must_use]
pub fn markdown_text(text: &(impl AsRef<str> + ?Sized)) -> String {
    text.as_ref().replace('\\', "\\\\").replace('|', "\\|").replace('<', "&lt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_ends_no_cell_and_begins_no_element() {
        assert_eq!(markdown_text("a | b \\ <i>"), "a \\| b \\\\ &lt;i>");
    }
}
