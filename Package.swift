// swift-tools-version: 6.2
import PackageDescription

let settings: [SwiftSetting] = [
  .strictMemorySafety(),
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
]

// Data flows one way: Wire → Capture, Evidence → Checks → Report → dsrproof.
let package = Package(
  name: "dsrproof",
  platforms: [.macOS(.v26)],
  products: [
    .library(name: "DSRProof", targets: ["Wire", "Capture", "Evidence", "Checks", "Report"]),
    .executable(name: "dsrproof", targets: ["dsrproof"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
  ],
  targets: [
    .systemLibrary(name: "CPcap", pkgConfig: "libpcap", providers: [.apt(["libpcap-dev"]), .brew(["libpcap"])]),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"]), .brew(["zlib"])]),
    .systemLibrary(name: "CZstd", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"]), .brew(["zstd"])]),
    .target(name: "Wire", swiftSettings: settings),
    .target(name: "Capture", dependencies: ["Wire", "CPcap", "CZlib", "CZstd"], swiftSettings: settings),
    .target(name: "Evidence", dependencies: ["Wire"], swiftSettings: settings),
    .target(name: "Checks", dependencies: ["Wire", "Evidence"], swiftSettings: settings),
    .target(
      name: "Report",
      dependencies: ["Wire", "Evidence", "Checks", .product(name: "Crypto", package: "swift-crypto")],
      swiftSettings: settings),
    .executableTarget(
      name: "dsrproof",
      dependencies: [
        "Wire", "Capture", "Evidence", "Checks", "Report",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: settings),
    .target(name: "PacketBuilder", dependencies: ["Wire"], path: "Tests/PacketBuilder", swiftSettings: settings),
    .target(
      name: "Fixtures", dependencies: ["Wire", "PacketBuilder"], path: "Tests/Fixtures", swiftSettings: settings),
    .executableTarget(
      name: "make-fixtures", dependencies: ["Fixtures"], path: "Tests/make-fixtures", swiftSettings: settings),
    .testTarget(name: "FixtureTests", dependencies: ["Fixtures"], swiftSettings: settings),
    .testTarget(name: "WireTests", dependencies: ["Wire", "PacketBuilder"], swiftSettings: settings),
    .testTarget(name: "CaptureTests", dependencies: ["Capture", "PacketBuilder"], swiftSettings: settings),
    .testTarget(
      name: "EvidenceTests", dependencies: ["Evidence", "Capture", "PacketBuilder"], swiftSettings: settings),
    .testTarget(name: "ChecksTests", dependencies: ["Checks", "Evidence", "Capture", "PacketBuilder"], swiftSettings: settings),
    .testTarget(name: "ReportTests", dependencies: ["Report", "Checks"], swiftSettings: settings),
    .testTarget(name: "CommandTests", dependencies: ["dsrproof", "Capture", "Evidence"], swiftSettings: settings),
  ],
  swiftLanguageModes: [.v6]
)
