namespace Portal.Kubernetes.Client;

/// <summary>One event of a watch. An ERROR event is thrown as <see cref="KubernetesException"/> instead.</summary>
/// <param name="Type">What happened.</param>
/// <param name="Object">The object; for a bookmark only its resourceVersion is meaningful.</param>
public readonly record struct WatchEvent<T>(WatchEventType Type, T Object);

public enum WatchEventType
{
    Added,
    Modified,
    Deleted,
    Bookmark,
}
