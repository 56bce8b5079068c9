import ArgumentParser
import Platform

/// The root of the command line.
struct DSRProof: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "dsrproof",
    abstract: "Prove from packet captures whether a load balancer's replies return straight to the client.",
    discussion: """
      Reads captures, follows every MAC address that the flows to a VIP pass, and says pass, fail or \
      inconclusive, with the frames that prove it.

      EXAMPLES
        dsrproof -r client.pcap --vip 10.1.10.10:80
            Do replies of this service return straight from the backends?
        dsrproof -r client.pcap -r mirror.pcapng.gz --vip 10.1.10.10
            Captures from several places, every port of the VIP.
        ssh lb tcpdump -Uw - host 10.1.10.10 | dsrproof -r - --vip 10.1.10.10
            A capture that is still being written.
        dsrproof -r c.pcap
            Find the services in a capture and the return path of each.
        dsrproof flows -r c.pcap --format csv host 10.1.10.10
            Every flow with the MACs it passed, for other tools.
        dsrproof evidence -r be1=be1.pcap -o be1.evidence
            What a capture says, without its frames: read like a capture, and a fraction of its size.
        dsrproof -r client.pcap --vip 10.1.10.10:80 --host lb=lb --host be1=be1
            With the hosts' own tables, which dsrproof collect gathered into these folders.
        dsrproof audit --host be1=be1 --ipvs lb=lb.txt --kubernetes objects.yaml
            What tables say by themselves, without any capture.
        dsrproof diff before.json after.json
            What changed between two JSON reports, and whether that is for the worse; of more, when it went wrong.
        dsrproof init -r c.pcap -o dsrproof.yaml
            Write down what a capture shows of a site, for later runs in this folder.
        dsrproof -r client.pcap --config site/dsrproof.yaml
            With what that file knows and asks for.
        dsrproof explain reply-via-balancer
            What a check looks for, why it matters and how to mend it.

      EXIT STATUS
        0 pass   1 fail   2 could not run   3 inconclusive   64 wrong usage

      SHELL COMPLETION
        make install brings it; dsrproof --generate-completion-script bash (or zsh, or fish) prints it
      """,
    version: version,
    subcommands: [
      VerifyCommand.self, WatchCommand.self, AuditCommand.self, FlowsCommand.self, EvidenceCommand.self,
      DiffCommand.self,
      IPVSCommand.self, CollectCommand.self, InitCommand.self, ChecksCommand.self, ExplainCommand.self,
      HealthzCommand.self,
    ],
    defaultSubcommand: VerifyCommand.self)

  static let version = "0.1.0"
}
