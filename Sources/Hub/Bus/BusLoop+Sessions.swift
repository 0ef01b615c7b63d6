import BusProtocol
import Journal
import Logging
import Messaging
import Operations
import Platform
import ZeroMQ

extension BusLoop {
    /// One whole message from a connection. The identity is the one ZAP gave the connection's key; a
    /// routing id proves nothing (design §4).
    func received(
        from sender: RoutingID, identity: String?, control: Span<UInt8>, body: Span<UInt8>,
        now: Instant
    ) {
        guard let identity, let party = registry.index(text: identity), !registry[party].isHub
        else {
            return fault(sender, epoch: 0, .helloRequired, "no registered identity")
        }
        let head: ControlFrame
        do throws(ProtocolFault) {
            head = try ControlFrame(parsing: control)
        } catch {
            return broken(sender, party, error, now: now)
        }
        if head.verb == .hello {
            return greet(sender, party, head, body, now: now)
        }
        guard let session = sessions[sender], session.party == party else {
            return fault(
                sender, epoch: head.epoch, .helloRequired, "greet first, after every reconnect")
        }
        guard head.epoch == session.epoch else {
            record(
                code: FaultCode.staleEpoch.rawValue, who: identity, source: identity, now: now)
            return fault(sender, epoch: head.epoch, .staleEpoch, "a newer session of yours exists")
        }
        guard session.isWelcome else {
            return fault(sender, epoch: head.epoch, .helloRequired, "wait for WELCOME")
        }
        sessions[sender]?.lastHeard = StageClock.now()
        do throws(ProtocolFault) {
            try take(head, body, from: sender, party, now: now)
        } catch {
            broken(sender, party, error, now: now)
        }
    }

    private func take(
        _ head: ControlFrame, _ body: Span<UInt8>, from sender: RoutingID, _ party: Int,
        now: Instant
    ) throws(ProtocolFault) {
        switch head.verb {
        case .pub: try published(head, body, from: sender, party, now: now)
        case .subscribe: try subscribe(head, body, from: sender, party)
        case .credit:
            let grant = try CreditGrant(
                parsing: body, at: BodyReader.single(head, body: body))
            try sessions[sender]?.addDeliveryCredit(grant)
        case .ack: try acknowledged(head, body, party)
        case .nak: try refusedDeliveries(head, body, party, now: now)
        case .term: try terminatedDeliveries(head, body, party, now: now)
        case .progress:
            var reader = try BodyReader(head, body: body)
            while let record = reader.next(in: body) {
                let sequence = try ProgressMark.parse(body, at: record)
                subscriptions[party].flights.progress(sequence, at: StageClock.now())
            }
        case .ping:
            frame.write(.pong, epoch: head.epoch, sequence: head.sequence)
            send(to: sender)
        case .pong: break
        case .request: try request(head, body, from: sender, party, now: now)
        case .bye: endSession(sender, isSuspicious: false, now: now)
        case .hello, .welcome, .puback, .pubnak, .deliver, .reply, .fault:
            throw ProtocolFault(.unknownVerb, "\(head.verb.name) is the hub's to send")
        }
    }

    private func greet(
        _ sender: RoutingID, _ party: Int, _ head: ControlFrame, _ body: Span<UInt8>, now: Instant
    ) {
        let hello: Hello
        do throws(ProtocolFault) {
            hello = try Hello(parsing: body, at: BodyReader.single(head, body: body))
        } catch {
            return broken(sender, party, error, now: now)
        }
        guard hello.participant == registry[party].text else {
            let forged = ProtocolFault(
                code: RefusalCode.sourceForged.rawValue,
                text: "HELLO names another participant than the key")
            return broken(sender, party, forged, now: now)
        }
        if let digest = hello.catalogue, digest != catalogue.digestHex {
            record(
                code: FaultCode.catalogueMismatch.rawValue, who: hello.participant,
                source: hello.participant, now: now)
            return fault(sender, epoch: 0, .catalogueMismatch, "load the same Schemas as the hub")
        }
        let producer = producers[party]
        if hello.journalIncarnation == journalIncarnation,
            hello.incarnation == producer.incarnation,
            hello.knownSequence > producer.committed
        {
            record(
                code: FaultCode.journalRolledBack.rawValue, who: hello.participant,
                source: hello.participant, now: now)
            return fault(
                sender, epoch: 0, .journalRolledBack,
                "this hub acknowledged a number that it does not have: restore and tell operators")
        }
        guard sessions.count < configuration.limits.maxSessions || sessions[sender] != nil else {
            return fault(sender, epoch: 0, .sessionLimit, "this hub has its limit of sessions")
        }
        let isKnown =
            hello.incarnation == producers[party].incarnation || isQuerying(party, hello)
            || numberings[party]?[hello.incarnation] != nil
        if isKnown { return open(sender, party, hello, now: now) }
        // Perhaps an earlier life of its numbering: the journal knows how far that had come.
        reader.order(
            .numbering(
                sender: sender, party: party, producer: registry[party].number, hello: hello))
    }

    private func isQuerying(_ party: Int, _ hello: Hello) -> Bool {
        registry[party].isOperator && hello.incarnation == 0
    }

    /// Opens the session; its numbering is known by now.
    func open(_ sender: RoutingID, _ party: Int, _ hello: Hello, now: Instant) {
        // The same connection greets again: its process lives, nothing in flight is suspect.
        endSession(sender, isSuspicious: false, now: now)
        let isQuerying = isQuerying(party, hello)
        if !isQuerying, let older = current[party] {
            fault(
                older, epoch: sessions[older]?.epoch ?? 0, .superseded,
                "a newer session of this participant greeted")
            endSession(older, isSuspicious: true, now: now)
        }
        if hello.incarnation != producers[party].incarnation, !isQuerying {
            takeUp(numbering: hello.incarnation, of: party)
        }
        epochs[party] &+= 1
        batch.epochs.append(
            EpochRaise(party: registry[party].number, epoch: Epoch(rawValue: epochs[party])))
        let grant = CreditGrant(
            messages: UInt32(clamping: configuration.limits.publishCreditMessages),
            bytes: UInt64(clamping: configuration.limits.publishCreditBytes))
        let credit: CreditWindow
        do throws(ProtocolFault) {
            credit = try CreditWindow(initial: grant)
        } catch {
            return broken(sender, party, error, now: now)
        }
        sessions[sender] = Session(
            routing: sender, address: sender.bytes, party: party, epoch: epochs[party],
            incarnation: hello.incarnation, since: now, publishCredit: credit, deliveryCredit: nil,
            lastHeard: StageClock.now())
        if !isQuerying { current[party] = sender }
        pending.welcomes.append(sender)
        logger.info(
            "session.opened",
            metadata: ["participant": "\(registry[party].text)", "epoch": "\(epochs[party])"])
    }

    /// Changes to another life of a party's numbering; the present one is remembered.
    private func takeUp(numbering incarnation: UInt64, of party: Int) {
        let present = producers[party]
        var others = numberings[party] ?? [:]
        producers[party] =
            others.removeValue(forKey: incarnation) ?? Producer(incarnation: incarnation)
        if present.incarnation != 0 { others[present.incarnation] = present }
        // One whose numbers are all on the disk may be forgotten: the journal knows it.
        if others.count > Self.numberingLimit,
            let settled = others.first(where: { $0.value.assigned == $0.value.committed })
        {
            others[settled.key] = nil
        }
        numberings[party] = others
    }

    /// WELCOME, once the raised epoch is durable.
    func welcome(_ sender: RoutingID, now: Instant) {
        sessions[sender]?.isWelcome = true
        guard let session = sessions[sender] else { return }
        let welcome = Welcome(
            zone: configuration.zone.rawValue, epoch: session.epoch,
            journalIncarnation: journalIncarnation,
            committedSequence: producers[session.party].committed,
            publishCreditMessages: session.publishCredit.limit.messages,
            publishCreditBytes: session.publishCredit.limit.bytes,
            maxMessageBytes: UInt64(configuration.limits.maxMessageBytes),
            catalogue: catalogue.digestHex,
            heartbeatMilliseconds: UInt32(clamping: configuration.limits.heartbeatMilliseconds),
            time: now.rfc3339)
        frame.write(
            .welcome, epoch: session.epoch, sequence: 0, record: WireJSON.encode(welcome))
        send(to: sender)
    }

    private func subscribe(
        _ head: ControlFrame, _ body: Span<UInt8>, from sender: RoutingID, _ party: Int
    ) throws(ProtocolFault) {
        let request = try SubscribeRequest(head, body: body)
        guard current[party] == sender else {
            throw ProtocolFault(
                .unknownVerb, "a session of incarnation 0 asks, it does not subscribe")
        }
        spoken[party] = try SpokenVersions(request.majors, in: catalogue)
        sessions[sender]?.deliveryCredit = try CreditWindow(initial: request.grant)
        subscriptions[party].attached()
    }

    /// Ends a session here; what was in flight goes back to its lanes.
    func endSession(_ sender: RoutingID, isSuspicious: Bool, now: Instant) {
        guard let session = sessions.removeValue(forKey: sender) else { return }
        guard current[session.party] == sender else { return }
        current[session.party] = nil
        subscriptions[session.party].sessionEnded(
            isSuspicious: isSuspicious, now: now, into: &batch)
        backlogAsked[session.party] = false
        logger.info("session.ended", metadata: ["participant": "\(registry[session.party].text)"])
    }

    /// Cut off with a code: the others notice nothing.
    func cutOff(_ sender: RoutingID, _ code: FaultCode, _ text: String, now: Instant) {
        guard let session = sessions[sender] else { return }
        record(
            code: code.rawValue, who: registry[session.party].text,
            source: registry[session.party].text, now: now)
        fault(sender, epoch: session.epoch, code, text)
        endSession(sender, isSuspicious: true, now: now)
    }

    private func broken(_ sender: RoutingID, _ party: Int, _ error: ProtocolFault, now: Instant) {
        record(code: error.code, who: registry[party].text, source: registry[party].text, now: now)
        frame.write(
            .fault, epoch: sessions[sender]?.epoch ?? 0, sequence: 0, record: WireJSON.encode(error)
        )
        send(to: sender)
        endSession(sender, isSuspicious: true, now: now)
    }

    func malformed(_ sender: RoutingID, _ identity: String?, _ text: String, now: Instant) {
        guard let identity, let party = registry.index(text: identity) else { return }
        broken(sender, party, ProtocolFault(.frameMalformed, text), now: now)
    }

    func fault(_ sender: RoutingID, epoch: UInt32, _ code: FaultCode, _ text: String) {
        frame.write(
            .fault, epoch: epoch, sequence: 0, record: WireJSON.encode(ProtocolFault(code, text)))
        send(to: sender)
    }

    /// Sends the finished frame. A peer that is gone, or that never reads, loses its session here.
    func send(to sender: RoutingID) {
        let address = sessions[sender]?.address ?? sender.bytes
        do throws(ZeroMQError) {
            let sent = try socket.send(address, more: true)
            guard sent == .sent else { return lost(sender) }
            _ = try socket.send(frame.control, more: true)
            _ = try socket.send(frame.body, more: false)
        } catch {
            lost(sender)
        }
    }

    private func lost(_ sender: RoutingID) {
        guard sessions[sender] != nil, sessions[sender]?.isClosing == false else { return }
        sessions[sender]?.isClosing = true
        inboxLosses.append(sender)
    }

    func farewell() {
        for (sender, session) in sessions {
            frame.write(
                .bye, epoch: session.epoch, sequence: 0,
                record: WireJSON.encode(Farewell(code: Farewell.stopping, text: "the hub stops")))
            send(to: sender)
        }
    }
}

extension Session {
    fileprivate mutating func addDeliveryCredit(_ grant: CreditGrant) throws(ProtocolFault) {
        guard deliveryCredit != nil else {
            throw ProtocolFault(.creditExceeded, "SUBSCRIBE before CREDIT")
        }
        try deliveryCredit?.add(grant)
    }
}
