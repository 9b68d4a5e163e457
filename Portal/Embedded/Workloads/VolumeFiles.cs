using Portal.Kubernetes.Objects;

namespace Portal.Embedded.Workloads;

/// <summary>A file a container sees.</summary>
/// <param name="Path">Below the container's root, without a leading slash.</param>
/// <param name="Content">Its bytes.</param>
/// <param name="IsSecret">Whether it came from a Secret.</param>
internal sealed record VolumeFile(string Path, byte[] Content, bool IsSecret);

/// <summary>The mounts of a container as files and directories: what a kubelet would put there.</summary>
/// <param name="Files">Files of all mounts; a nested mount hides what lies below it.</param>
/// <param name="Directories">Mount points, which exist even when empty.</param>
internal sealed record VolumeFiles(IReadOnlyList<VolumeFile> Files, IReadOnlyList<string> Directories)
{
    /// <exception cref="ContainerConfigException">A volume, ConfigMap, Secret or key is missing, or a path leaves its mount.</exception>
    public static async Task<VolumeFiles> ReadAsync(
        string @namespace, PodSpec spec, Container container, IConfigSource source, CancellationToken cancellationToken)
    {
        var files = new SortedDictionary<string, VolumeFile>(StringComparer.Ordinal);
        var directories = new List<string>();
        foreach (var mount in container.VolumeMounts.OrderBy(mount => mount.MountPath.Length))
        {
            var volume = spec.Volumes.FirstOrDefault(volume => volume.Name == mount.Name)
                ?? throw new ContainerConfigException($"volumeMounts: there is no volume \"{mount.Name}\"");
            var root = Relative(mount.MountPath, $"mountPath of \"{mount.Name}\"");
            var content = await ReadVolumeAsync(@namespace, volume, source, cancellationToken);
            Place(files, directories, root, mount.SubPath, content);
        }

        return new VolumeFiles([.. files.Values], directories);
    }

    /// <summary>
    /// Writes everything into <paramref name="target"/>, replacing what was there, in one step: a reader sees the old tree or the new one.
    /// Only the owner may read it.
    /// </summary>
    public void WriteTo(string target)
    {
        var fresh = target + ".new";
        Remove(fresh);
        DataDirectory.CreatePrivate(fresh);
        foreach (var directory in Directories)
        {
            DataDirectory.CreatePrivate(Path.Combine(fresh, directory));
        }

        foreach (var file in Files)
        {
            var path = Path.Combine(fresh, file.Path);
            DataDirectory.CreatePrivate(Path.GetDirectoryName(path)!);
            DataDirectory.WritePrivate(path, file.Content);
        }

        Remove(target);
        Directory.Move(fresh, target);
    }

    private static void Place(
        SortedDictionary<string, VolumeFile> files, List<string> directories, string root, string? subPath, IReadOnlyList<VolumeFile> content)
    {
        if (subPath is { Length: > 0 })
        {
            foreach (var file in content.Where(file => file.Path == subPath))
            {
                files[root] = file with { Path = root };
            }

            return;
        }

        directories.Add(root);
        foreach (var hidden in files.Keys.Where(path => path.StartsWith(root + "/", StringComparison.Ordinal)).ToList())
        {
            files.Remove(hidden);
        }

        foreach (var file in content)
        {
            files[$"{root}/{file.Path}"] = file with { Path = $"{root}/{file.Path}" };
        }
    }

    private static async Task<IReadOnlyList<VolumeFile>> ReadVolumeAsync(
        string @namespace, Volume volume, IConfigSource source, CancellationToken cancellationToken)
    {
        if (volume.ConfigMap is { } configMap)
        {
            var data = await source.ReadAsync(BuiltIn.ConfigMap, @namespace, configMap.Name, configMap.Optional, cancellationToken);
            return Select(data, configMap.Items, $"configmap \"{configMap.Name}\"", configMap.Optional, isSecret: false);
        }

        if (volume.Secret is { } secret)
        {
            var name = secret.SecretName ?? secret.Name ?? "";
            var data = await source.ReadAsync(BuiltIn.Secret, @namespace, name, secret.Optional, cancellationToken);
            return Select(data, secret.Items, $"secret \"{name}\"", secret.Optional, isSecret: true);
        }

        if (volume.Projected is { } projected)
        {
            var all = new List<VolumeFile>();
            foreach (var part in projected.Sources)
            {
                all.AddRange(await ReadVolumeAsync(@namespace, part, source, cancellationToken));
            }

            return all;
        }

        return volume.EmptyDir is not null
            ? []
            : throw new ContainerConfigException($"volume \"{volume.Name}\": only configMap, secret, projected and emptyDir are known here");
    }

    private static List<VolumeFile> Select(
        IReadOnlyDictionary<string, byte[]> data, IReadOnlyList<KeyToPath> items, string owner, bool optional, bool isSecret)
    {
        if (items.Count == 0)
        {
            return [.. data.Select(pair => new VolumeFile(Relative("/" + pair.Key, $"key of {owner}"), pair.Value, isSecret))];
        }

        var files = new List<VolumeFile>();
        foreach (var item in items)
        {
            if (data.TryGetValue(item.Key, out var content))
            {
                files.Add(new VolumeFile(Relative("/" + item.Path, $"path in {owner}"), content, isSecret));
            }
            else if (!optional)
            {
                throw new ContainerConfigException($"couldn't find key \"{item.Key}\" in {owner}");
            }
        }

        return files;
    }

    private static string Relative(string path, string what)
    {
        var parts = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        return path.StartsWith('/') && parts.Length > 0 && !parts.Any(part => part is "." or "..") && !path.Contains('\0')
            ? string.Join('/', parts)
            : throw new ContainerConfigException($"{what}: \"{path}\" is not a path to put files at");
    }

    private static void Remove(string path)
    {
        if (Directory.Exists(path))
        {
            Directory.Delete(path, recursive: true);
        }
    }
}
