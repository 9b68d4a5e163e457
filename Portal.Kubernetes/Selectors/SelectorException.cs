namespace Portal.Kubernetes.Selectors;

/// <summary>A selector does not parse or names a field that is not selectable: a 400 whose message is this one's.</summary>
public sealed class SelectorException(string message) : Exception(message);
