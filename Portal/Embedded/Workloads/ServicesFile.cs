using System.Globalization;

namespace Portal.Embedded.Workloads;

/// <summary>
/// The DNS of this machine's Services, as a file that runners read: <c>{"name.namespace.svc": ["127.0.0.1:41234"]}</c>, ready endpoints only.
/// A reader sees the old file or the new one. Thread-safe.
/// </summary>
internal sealed class ServicesFile(string path)
{
    private readonly Lock _lock = new();
    private readonly SortedDictionary<string, IReadOnlyList<int>> _ports = new(StringComparer.Ordinal);

    public string Path => path;

    /// <param name="namespace">Namespace of the Service.</param>
    /// <param name="name">Its name.</param>
    /// <param name="ports">Loopback ports of its ready pods; none takes it out of the file.</param>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void Set(string @namespace, string name, IReadOnlyList<int> ports)
    {
        lock (_lock)
        {
            var key = $"{name}.{@namespace}.svc";
            if ((_ports.GetValueOrDefault(key) ?? []).SequenceEqual(ports) && File.Exists(path))
            {
                return;
            }

            if (ports.Count > 0)
            {
                _ports[key] = ports;
            }
            else
            {
                _ports.Remove(key);
            }

            Write();
        }
    }

    private void Write()
    {
        var json = new JsonObject(_ports.Select(static service => KeyValuePair.Create<string, JsonNode?>(service.Key,
            new JsonArray([.. service.Value.Select(static port => JsonValue.Create($"{LocalNode.Address}:{port.ToString(CultureInfo.InvariantCulture)}"))]))));
        DataDirectory.CreatePrivate(System.IO.Path.GetDirectoryName(path)!);
        var fresh = path + ".new";
        File.WriteAllText(fresh, json.ToJsonString());
        File.Move(fresh, path, overwrite: true);
    }
}
