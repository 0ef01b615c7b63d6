/// That the catalogue's files agree with one another (連携定義の相互参照の検査).
struct CatalogueReferences {
    private let parts: CatalogueParts
    private let families: Set<String>
    private let zones: Set<ZoneID>
    private let types: Set<MessageTypeName>
    private let steps: Set<StepID>
    private let bases: Set<String>
    private let prohibitions: Set<LinkID>

    init(_ parts: CatalogueParts) {
        self.parts = parts
        families = Set(parts.participants.map(\.family))
        zones = Set(parts.zones.map(\.id))
        types = Set(parts.types.map(\.name))
        steps = Set(parts.steps.map(\.id))
        bases = Set(parts.legalBases.map(\.id))
        prohibitions = Set(parts.forbidden.map(\.id))
    }

    func check() throws(CatalogueError) {
        try checkNames()
        try checkParticipants()
        try checkTypes()
        try checkLinks()
        try checkForbidden()
        try checkSteps()
        try checkCausality()
        try checkFunctions()
    }

    private func fail(
        _ list: String, _ index: Int, _ rest: String, _ reason: String
    ) throws(CatalogueError) -> Never {
        let place = parts.place(list, index)
        throw CatalogueError(file: place.file, pointer: place.pointer + rest, reason: reason)
    }

    private func checkNames() throws(CatalogueError) {
        try unique("zones", "/id", parts.zones.map(\.id.rawValue))
        try unique("participants", "/family", parts.participants.map(\.family))
        try unique("types", "/name", parts.types.map(\.name.rawValue))
        try unique("steps", "/id", parts.steps.map(\.id.rawValue))
        try unique("bases", "/id", parts.legalBases.map(\.id), file: "legal-bases")
        try unique("classes", "/name", parts.retention.map(\.name), file: "retention")
        try unique(
            "links", "",
            parts.links.map { "\($0.from)>\($0.to)@\($0.zone)#\($0.id)" })
    }

    private func unique(
        _ list: String, _ rest: String, _ names: [String], file: String? = nil
    ) throws(CatalogueError) {
        var seen: Set<String> = []
        for (index, name) in names.enumerated() where !seen.insert(name).inserted {
            if let file {
                throw CatalogueError(
                    file: "catalogue/\(file).json", pointer: "/\(list)/\(index)\(rest)",
                    reason: "stands twice")
            }
            try fail(list, index, rest, "stands twice")
        }
    }

    private func checkParticipants() throws(CatalogueError) {
        for (index, participant) in parts.participants.enumerated() {
            for (place, zone) in participant.zones.enumerated() where !zones.contains(zone) {
                try fail("participants", index, "/zones/\(place)", "no such zone")
            }
        }
    }

    private func checkTypes() throws(CatalogueError) {
        let classes = Set(parts.retention.map(\.name))
        for (index, type) in parts.types.enumerated() {
            if !classes.contains(type.retention) {
                try fail("types", index, "/retention", "no such retention class")
            }
            if let request = type.replyTo, !types.contains(request) {
                try fail("types", index, "/replyTo", "no such type")
            }
            if let prohibition = type.prohibited, !prohibitions.contains(prohibition) {
                try fail("types", index, "/prohibited", "no such prohibition")
            }
            if type.prohibited != nil, !type.majors.isEmpty {
                try fail("types", index, "/majors", "a prohibited type has no layout")
            }
        }
    }

    private func checkLinks() throws(CatalogueError) {
        var carried: Set<String> = []
        for (index, link) in parts.links.enumerated() {
            let isOutside = link.zone.rawValue == CatalogueParts.outside
            if !isOutside, !zones.contains(link.zone) {
                try fail("links", index, "/zone", "no such zone")
            }
            for (key, family) in [("/from", link.from), ("/to", link.to)] {
                guard let entry = parts.participants.first(where: { $0.family == family }) else {
                    try fail("links", index, key, "no such participant")
                }
                if !isOutside, !entry.zones.contains(link.zone) {
                    try fail("links", index, key, "the participant is not in this zone")
                }
            }
            for (place, message) in link.types.enumerated() {
                try checkMessage(message, link, at: index, "/types/\(place)")
                let way = "\(link.from)>\(link.to)@\(link.zone)#\(message.type)"
                if !carried.insert(way).inserted {
                    try fail("links", index, "/types/\(place)", "the pair has this type twice")
                }
            }
        }
    }

    private func checkMessage(
        _ message: Link.Message, _ link: Link, at index: Int, _ pointer: String
    ) throws(CatalogueError) {
        guard types.contains(message.type) else {
            try fail("links", index, pointer + "/type", "no such type")
        }
        for (place, step) in message.steps.enumerated() where !steps.contains(step) {
            try fail("links", index, "\(pointer)/steps/\(place)", "no such step")
        }
        for (place, basis) in (message.bases ?? []).enumerated() where !bases.contains(basis) {
            try fail("links", index, "\(pointer)/bases/\(place)", "no such legal basis")
        }
        if message.legalBasis != (message.bases != nil) {
            try fail("links", index, pointer, "legalBasis and bases go together")
        }
        for prohibition in parts.forbidden
        where prohibition.enforcement == .route
            && prohibition.concerns(from: link.from, to: link.to, type: message.type)
        {
            try fail("links", index, pointer, "forbidden by \(prohibition.id)")
        }
    }

    private func checkForbidden() throws(CatalogueError) {
        for (index, prohibition) in parts.forbidden.enumerated() {
            for (key, names) in [
                ("from", prohibition.from), ("to", prohibition.to),
                ("exceptFrom", prohibition.exceptFrom ?? []),
            ] {
                for (place, name) in names.enumerated()
                where name != "*" && !families.contains(name) {
                    try fail("forbidden", index, "/\(key)/\(place)", "no such participant")
                }
            }
            for (key, names) in [
                ("types", prohibition.types ?? []), ("exceptTypes", prohibition.exceptTypes ?? []),
            ] {
                for (place, name) in names.enumerated() where !types.contains(name) {
                    try fail("forbidden", index, "/\(key)/\(place)", "no such type")
                }
            }
            if (prohibition.enforcement == .fields) != (prohibition.fields != nil) {
                try fail("forbidden", index, "/fields", "fields and enforcement go together")
            }
        }
    }

    private func checkSteps() throws(CatalogueError) {
        let groups = Set(parts.groups.map(\.id))
        for (index, step) in parts.steps.enumerated() {
            if !groups.contains(step.group) {
                try fail("steps", index, "/group", "no such group")
            }
            if let other = step.sharesTextWith,
                parts.steps.first(where: { $0.id == other })?.ja != step.ja
            {
                try fail("steps", index, "/sharesTextWith", "the other step has another text")
            }
            for (place, name) in step.messages.enumerated() where !types.contains(name) {
                try fail("steps", index, "/messages/\(place)", "no such type")
            }
            for (place, successor) in step.next.enumerated() {
                if !steps.contains(successor.step) {
                    try fail("steps", index, "/next/\(place)/step", "no such step")
                }
                if successor.conditional != (successor.when != nil) {
                    try fail("steps", index, "/next/\(place)", "conditional and when go together")
                }
            }
        }
    }

    /// A function is made of messages there are.
    private func checkFunctions() throws(CatalogueError) {
        try unique("functions", "/id", parts.functions.map(\.id), file: "functions")
        for (index, function) in parts.functions.enumerated() {
            for (place, type) in function.types.enumerated() where !types.contains(type) {
                throw CatalogueError(
                    file: "catalogue/functions.json", pointer: "/functions/\(index)/types/\(place)",
                    reason: "no such type")
            }
        }
    }

    private func checkCausality() throws(CatalogueError) {
        for (index, rule) in parts.causality.enumerated() {
            if !types.contains(rule.type) { try fail("causality", index, "/type", "no such type") }
            if let step = rule.step, !steps.contains(step) {
                try fail("causality", index, "/step", "no such step")
            }
            for (place, consequence) in rule.then.enumerated() {
                if !types.contains(consequence.type) {
                    try fail("causality", index, "/then/\(place)/type", "no such type")
                }
                if let step = consequence.step, !steps.contains(step) {
                    try fail("causality", index, "/then/\(place)/step", "no such step")
                }
                if consequence.conditional != (consequence.when != nil) {
                    try fail(
                        "causality", index, "/then/\(place)", "conditional and when go together")
                }
            }
        }
    }
}
