// swift-tools-version: 6.2
import PackageDescription

let settings: [SwiftSetting] = [
  .strictMemorySafety(),
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
]

// Data flows one way: Wire → Capture, Evidence, Tables → Checks → Report → dsrproof.
let package = Package(
  name: "dsrproof",
  platforms: [.macOS(.v26)],
  products: [
    .library(name: "DSRProof", targets: ["Wire", "Capture", "Evidence", "Tables", "Checks", "Report"]),
    .executable(name: "dsrproof", targets: ["dsrproof"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
  ],
  targets: [
    .systemLibrary(name: "CPcap", pkgConfig: "libpcap", providers: [.apt(["libpcap-dev"]), .brew(["libpcap"])]),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"]), .brew(["zlib"])]),
    .systemLibrary(name: "CZstd", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"]), .brew(["zstd"])]),
    // For its header alone: it is opened when it is needed.
    .systemLibrary(name: "CCurl", providers: [.apt(["libcurl4-openssl-dev"]), .brew(["curl"])]),
    .systemLibrary(name: "CSystem"),
    .target(name: "Wire", swiftSettings: settings),
    .target(name: "Capture", dependencies: ["Wire", "CPcap", "CSystem", "CZlib", "CZstd"], swiftSettings: settings),
    .target(name: "Evidence", dependencies: ["Wire"], swiftSettings: settings),
    .target(name: "Tables", dependencies: ["Wire", .product(name: "Yams", package: "Yams")], swiftSettings: settings),
    .target(name: "Checks", dependencies: ["Wire", "Evidence", "Tables"], swiftSettings: settings),
    .target(
      name: "Report",
      dependencies: [
        "Wire", "Evidence", "Tables", "Checks", .product(name: "Crypto", package: "swift-crypto"),
      ],
      swiftSettings: settings),
    .executableTarget(
      name: "dsrproof",
      dependencies: [
        "CCurl", "CSystem", "Wire", "Capture", "Evidence", "Tables", "Checks", "Report",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: settings),
    .target(name: "PacketBuilder", dependencies: ["Wire"], path: "Tests/PacketBuilder", swiftSettings: settings),
    .target(
      name: "Fixtures", dependencies: ["Wire", "PacketBuilder"], path: "Tests/Fixtures", swiftSettings: settings),
    .executableTarget(
      name: "make-fixtures", dependencies: ["Fixtures"], path: "Tests/make-fixtures", swiftSettings: settings),
    .target(
      name: "TestSupport", dependencies: ["Wire", "Capture", "Evidence", "Tables"], path: "Tests/TestSupport",
      swiftSettings: settings),
    .target(
      name: "Simulator", dependencies: ["Wire", "Evidence", "Checks", "PacketBuilder", "TestSupport"],
      path: "Tests/Simulator", swiftSettings: settings),
    .executableTarget(
      name: "soak", dependencies: ["Simulator", .product(name: "ArgumentParser", package: "swift-argument-parser")],
      path: "Tests/soak", swiftSettings: settings),
    .testTarget(
      name: "SimulatorTests", dependencies: ["Simulator", "Wire", "Evidence", "Checks", "TestSupport"],
      swiftSettings: settings),
    .testTarget(name: "FixtureTests", dependencies: ["Fixtures", "TestSupport"], swiftSettings: settings),
    .testTarget(name: "WireTests", dependencies: ["Wire", "TestSupport"], swiftSettings: settings),
    .testTarget(name: "CaptureTests", dependencies: ["Wire", "Capture", "TestSupport"], swiftSettings: settings),
    .testTarget(
      name: "EvidenceTests", dependencies: ["Wire", "Evidence", "PacketBuilder", "TestSupport"],
      swiftSettings: settings),
    .testTarget(name: "TablesTests", dependencies: ["Wire", "Tables", "TestSupport"], swiftSettings: settings),
    .testTarget(
      name: "ChecksTests",
      dependencies: ["Wire", "Evidence", "Tables", "Checks", "Report", "PacketBuilder", "TestSupport"],
      swiftSettings: settings),
    .testTarget(
      name: "ReportTests", dependencies: ["Wire", "Evidence", "Tables", "Checks", "Report", "TestSupport"],
      swiftSettings: settings),
    .testTarget(
      name: "CommandTests",
      dependencies: [
        "dsrproof", "Wire", "Evidence", "Tables", "Checks", "Report", "PacketBuilder", "TestSupport", "Yams",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: settings),
  ],
  swiftLanguageModes: [.v6]
)
