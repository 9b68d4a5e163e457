using System.Text;
using System.Text.RegularExpressions;
using Portal.Kubernetes.Objects;

namespace Portal.Embedded.Workloads;

/// <summary>The variables a container asks for.</summary>
/// <param name="Variables">Names and values; <c>env</c> wins over <c>envFrom</c>, later over earlier.</param>
/// <param name="Secrets">Values that came from Secrets: to be kept out of everything shown.</param>
/// <param name="Ignored">Names left out because here they would steer the process itself, which no container wall surrounds.</param>
internal sealed partial record ContainerEnvironment(
    IReadOnlyDictionary<string, string> Variables, IReadOnlyList<string> Secrets, IReadOnlyList<string> Ignored)
{
    private static readonly string[] s_reserved = ["LD_", "DYLD_", "DOTNET_", "CORECLR_", "COMPLUS_", "ASPNETCORE_"];

    /// <exception cref="ContainerConfigException">A ConfigMap, Secret, key or field it names is not there.</exception>
    public static async Task<ContainerEnvironment> ResolveAsync(KubeObject pod, Container container, IConfigSource source, CancellationToken cancellationToken)
    {
        var builder = new Builder(pod, source);
        foreach (var from in container.EnvFrom)
        {
            await builder.AddAllAsync(from, cancellationToken);
        }

        foreach (var variable in container.Env)
        {
            await builder.AddAsync(variable, cancellationToken);
        }

        return builder.Build();
    }

    private sealed class Builder(KubeObject pod, IConfigSource source)
    {
        private readonly Dictionary<string, string> _variables = new(StringComparer.Ordinal);
        private readonly List<string> _secrets = [];
        private readonly List<string> _ignored = [];

        public async Task AddAllAsync(EnvFrom from, CancellationToken cancellationToken)
        {
            var (kind, reference) = from.SecretRef is not null ? (BuiltIn.Secret, from.SecretRef) : (BuiltIn.ConfigMap, from.ConfigMapRef);
            if (reference is null)
            {
                return;
            }

            var data = await source.ReadAsync(kind, pod.Namespace!, reference.Name, reference.Optional, cancellationToken);
            foreach (var (key, value) in data)
            {
                if (IsName(from.Prefix + key))
                {
                    Set(from.Prefix + key, Text(value), kind == BuiltIn.Secret);
                }
            }
        }

        public async Task AddAsync(EnvVar variable, CancellationToken cancellationToken)
        {
            if (!IsName(variable.Name))
            {
                throw new ContainerConfigException($"env: \"{variable.Name}\" is not the name of a variable");
            }

            if (variable.ValueFrom is not { } from)
            {
                Set(variable.Name, Expand(variable.Value ?? ""), isSecret: false);
            }
            else if (from.SecretKeyRef is { } secret)
            {
                await AddKeyAsync(variable.Name, BuiltIn.Secret, secret, cancellationToken);
            }
            else if (from.ConfigMapKeyRef is { } configMap)
            {
                await AddKeyAsync(variable.Name, BuiltIn.ConfigMap, configMap, cancellationToken);
            }
            else if (from.FieldRef is { } field)
            {
                Set(variable.Name, Field(field.FieldPath), isSecret: false);
            }
            else
            {
                throw new ContainerConfigException($"env \"{variable.Name}\": only secretKeyRef, configMapKeyRef and fieldRef are known here");
            }
        }

        public ContainerEnvironment Build() => new(_variables, _secrets, _ignored);

        private async Task AddKeyAsync(string name, ResourceDefinition kind, KeyRef reference, CancellationToken cancellationToken)
        {
            var data = await source.ReadAsync(kind, pod.Namespace!, reference.Name, reference.Optional, cancellationToken);
            if (data.TryGetValue(reference.Key, out var value))
            {
                Set(name, Text(value), kind == BuiltIn.Secret);
            }
            else if (!reference.Optional)
            {
                throw new ContainerConfigException($"couldn't find key \"{reference.Key}\" in {kind.Kind.ToLowerInvariant()} \"{reference.Name}\"");
            }
        }

        private void Set(string name, string value, bool isSecret)
        {
            if (s_reserved.Any(prefix => name.StartsWith(prefix, StringComparison.OrdinalIgnoreCase)))
            {
                _ignored.Add(name);
                return;
            }

            if (value.Contains('\0'))
            {
                throw new ContainerConfigException($"env \"{name}\": a variable cannot hold a NUL character");
            }

            _variables[name] = value;
            if (isSecret)
            {
                _secrets.Add(value);
            }
        }

        // $(NAME) is replaced by a variable defined before; $$ is a literal dollar; an unknown name stays as it is.
        private string Expand(string value) => Reference().Replace(value, match =>
            match.Value == "$$" ? "$" : _variables.GetValueOrDefault(match.Groups["name"].Value, match.Value));

        private string Field(string path)
        {
            var spec = PodSpec.Of(pod);
            var mapped = MapField().Match(path);
            if (mapped.Success)
            {
                var map = mapped.Groups["map"].Value == "labels" ? pod.Labels : pod.Annotations;
                return map.GetValueOrDefault(mapped.Groups["key"].Value, "");
            }

            return path switch
            {
                "metadata.name" => pod.Name,
                "metadata.namespace" => pod.Namespace ?? "",
                "metadata.uid" => pod.Uid,
                "spec.nodeName" => LocalNode.Name,
                "spec.serviceAccountName" => spec.ServiceAccountName ?? "default",
                "status.podIP" or "status.hostIP" or "status.podIPs" or "status.hostIPs" => LocalNode.Address,
                _ => throw new ContainerConfigException($"fieldRef: \"{path}\" is not a field of a pod known here"),
            };
        }

        private static bool IsName(string name) => name.Length > 0 && name.All(c => c is > ' ' and < '\x7f' and not '=');

        private static string Text(byte[] value) => Encoding.UTF8.GetString(value);
    }

    [GeneratedRegex(@"\$\$|\$\((?<name>[^)]+)\)")]
    private static partial Regex Reference();

    [GeneratedRegex(@"^metadata\.(?<map>labels|annotations)\['(?<key>[^']+)'\]$")]
    private static partial Regex MapField();
}
