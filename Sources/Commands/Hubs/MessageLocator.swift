internal import Operations

/// Finds the message a person names (電文の特定): by id in whichever zone has it, or as `zone:position`.
struct MessageLocator {
    let desk: HubDesk

    init(_ desk: HubDesk) { self.desk = desk }

    func find(_ name: String) throws -> MessageDetail {
        if let colon = name.lastIndex(of: ":"),
            let position = UInt64(name[name.index(after: colon)...])
        {
            let line = try desk.line(String(name[..<colon]))
            return try line.ask(.messageShow, MessageReference(position: position))
        }
        return try desk.first(.messageShow, MessageReference(id: name))
    }
}
