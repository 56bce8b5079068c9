/// As many of a list as a reader will look at; the number tells the rest.
package let mostListed = 5

/// Names five, and says how many more there are. `text` is asked for these five only.
package func listed<Item>(
  _ items: some Collection<Item>, separator: String = ", ", _ text: (Item) -> String
) -> String {
  let shown = items.prefix(mostListed).map(text).joined(separator: separator)
  return items.count > mostListed ? "\(shown) and \(items.count - mostListed) more" : shown
}
