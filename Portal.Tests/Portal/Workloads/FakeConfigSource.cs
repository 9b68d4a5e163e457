using System.Text;
using Portal.Embedded.Workloads;
using Portal.Kubernetes.Objects;

namespace Portal.Tests.Portal.Workloads;

internal sealed class FakeConfigSource : IConfigSource
{
    private readonly Dictionary<(string Kind, string Name), KubeObject> _objects = [];

    public FakeConfigSource ConfigMap(string name, params (string Key, string Value)[] data) => Add("ConfigMap", name, data.Select(pair => (pair.Key, pair.Value)));

    public FakeConfigSource Secret(string name, params (string Key, string Value)[] data) =>
        Add("Secret", name, data.Select(pair => (pair.Key, Convert.ToBase64String(Encoding.UTF8.GetBytes(pair.Value)))));

    public Task<KubeObject?> FindAsync(ResourceDefinition kind, string @namespace, string name, CancellationToken cancellationToken) =>
        Task.FromResult(_objects.GetValueOrDefault((kind.Kind, name)));

    private FakeConfigSource Add(string kind, string name, IEnumerable<(string Key, string Value)> data)
    {
        var values = new JsonObject();
        foreach (var (key, value) in data)
        {
            values[key] = value;
        }

        _objects[(kind, name)] = new KubeObject(new JsonObject { ["data"] = values });
        return this;
    }
}
