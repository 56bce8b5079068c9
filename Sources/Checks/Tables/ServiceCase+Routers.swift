import Evidence
import Tables

extension ServiceCase {
  /// A `vrrp_instance`, and where it stands.
  struct ListedRouter {
    let host: String?
    let path: String
    let router: VirtualRouter

    func line(_ number: Int) -> TableLine { TableLine(path: path, number: number) }

    /// Whose it is, in words.
    var node: String { host ?? path }

    /// It may stand on another node: two instances of one host are none of each other's.
    func isElsewhere(than other: ListedRouter) -> Bool { path != other.path && (host == nil || host != other.host) }
  }

  /// The instances of all configurations of keepalived's that were given.
  var routers: [ListedRouter] {
    tables.ipvs.flatMap { file in
      file.table.routers.map { ListedRouter(host: file.host, path: file.path, router: $0) }
    }
  }

  /// Those that announce the VIP.
  var announcers: [ListedRouter] { routers.filter { $0.router.announces(service.address) } }
}
