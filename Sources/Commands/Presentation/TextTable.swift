/// Rows under headings, aligned by display width (表).
struct TextTable {
    struct Column {
        let heading: String
        var right = false
        /// Columns after which a cell is cut; 0 keeps it whole.
        var limit = 0
    }

    struct Cell {
        let text: String
        let tone: Style.Tone
        init(_ text: String, _ tone: Style.Tone = .plain) {
            self.text = text
            self.tone = tone
        }
    }

    let columns: [Column]
    private(set) var rows: [[Cell]] = []

    init(_ columns: [Column]) { self.columns = columns }

    mutating func add(_ cells: [Cell]) {
        precondition(cells.count == columns.count, "a row has one cell per column")
        rows.append(
            zip(cells, columns).map { cell, column in
                column.limit == 0
                    ? cell : Cell(DisplayWidth.clipped(cell.text, to: column.limit), cell.tone)
            })
    }

    func lines(_ style: Style) -> [String] {
        let widths = columns.indices.map { index in
            rows.reduce(DisplayWidth.of(columns[index].heading)) {
                max($0, DisplayWidth.of($1[index].text))
            }
        }
        func line(_ cells: [Cell]) -> String {
            let dressed = cells.indices.map { index in
                let padded = DisplayWidth.padded(
                    cells[index].text, to: widths[index], right: columns[index].right)
                return style.dress(padded, cells[index].tone)
            }
            var text = dressed.joined(separator: "  ")
            while text.last == " " { text.removeLast() }
            return text
        }
        return [line(columns.map { Cell($0.heading, .faint) })] + rows.map(line)
    }
}
