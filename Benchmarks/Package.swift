// swift-tools-version: 6.2
import PackageDescription

// A package of its own, so that nobody who builds dsrproof resolves or builds what only measuring needs.
let package = Package(
  name: "benchmarks",
  platforms: [.macOS(.v26)],
  targets: [
    .executableTarget(
      name: "generate",
      swiftSettings: [
        .strictMemorySafety(),
        .treatAllWarnings(as: .error),
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("MemberImportVisibility"),
      ])
  ],
  swiftLanguageModes: [.v6]
)
