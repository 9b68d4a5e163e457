using Portal.Kubernetes.Client;
using Portal.Kubernetes.Objects;

namespace Portal.Kubernetes.Runtime;

/// <summary>Records core/v1 Events about objects. Never throws and never blocks: a lost event is logged.</summary>
public sealed class EventRecorder(KubeClient client, string component, TimeProvider timeProvider)
{
    internal KubeClient Client { get; } = client;
    internal string Component { get; } = component;
    internal TimeProvider TimeProvider { get; } = timeProvider;

    /// <param name="regarding">The object the event is about.</param>
    /// <param name="type"><c>Normal</c> or <c>Warning</c>.</param>
    /// <param name="reason">CamelCase reason.</param>
    /// <param name="message">For people; must hold no secret.</param>
    public void Record(KubeObject regarding, string type, string reason, string message) => throw new NotImplementedException();
}
