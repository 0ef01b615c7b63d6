import Foundation

/// Reads the file of invented people (人物ファイル).
package enum PeopleFile {
    package static func read(_ path: String) throws -> People {
        try People(yaml: String(contentsOfFile: path, encoding: .utf8), file: path)
    }
}
