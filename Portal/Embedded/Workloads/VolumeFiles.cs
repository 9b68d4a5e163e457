using Portal.Kubernetes.Objects;

namespace Portal.Embedded.Workloads;

/// <summary>A file a container sees.</summary>
/// <param name="Path">Below the container's root, without a leading slash.</param>
/// <param name="Content">Its bytes.</param>
/// <param name="IsSecret">Whether it came from a Secret.</param>
internal sealed record VolumeFile(string Path, byte[] Content, bool IsSecret);

/// <summary>A volume where a container sees it.</summary>
/// <param name="Path">Below the container's root, without a leading slash; of a single file, its own path.</param>
/// <param name="Kind">What the container sees there.</param>
/// <param name="Files">By their paths below the container's root.</param>
internal sealed record MountedVolume(string Path, MountKind Kind, IReadOnlyList<VolumeFile> Files);

internal enum MountKind
{
    /// <summary>All files of a volume, which change with their source.</summary>
    Files,

    /// <summary>One file of a volume (<c>subPath</c>), which stays as it is while the container runs.</summary>
    SingleFile,

    /// <summary>An empty directory that belongs to the container.</summary>
    Scratch,
}

/// <summary>The mounts of a container as files and directories: what a kubelet would put there.</summary>
/// <param name="Mounts">Outer ones first; what a nested mount hides is left out.</param>
internal sealed record VolumeFiles(IReadOnlyList<MountedVolume> Mounts)
{
    /// <summary>Files of all mounts, by path.</summary>
    public IReadOnlyList<VolumeFile> Files => [.. Mounts.SelectMany(mount => mount.Files).OrderBy(file => file.Path, StringComparer.Ordinal)];

    /// <exception cref="ContainerConfigException">A volume, ConfigMap, Secret or key is missing, or a path leaves its mount.</exception>
    public static async Task<VolumeFiles> ReadAsync(
        string @namespace, PodSpec spec, Container container, IConfigSource source, CancellationToken cancellationToken)
    {
        var mounts = new List<MountedVolume>();
        foreach (var mount in container.VolumeMounts.OrderBy(mount => mount.MountPath.Length))
        {
            var volume = spec.Volumes.FirstOrDefault(volume => volume.Name == mount.Name)
                ?? throw new ContainerConfigException($"volumeMounts: there is no volume \"{mount.Name}\"");
            var root = Relative(mount.MountPath, $"mountPath of \"{mount.Name}\"");
            var content = await ReadVolumeAsync(@namespace, volume, source, cancellationToken);
            mounts.Add(mount.SubPath is { Length: > 0 } single
                ? new MountedVolume(root, MountKind.SingleFile, [.. content.Where(file => file.Path == single).Select(file => file with { Path = root })])
                : new MountedVolume(root, volume.EmptyDir is null ? MountKind.Files : MountKind.Scratch, [.. content.Select(file => file with { Path = $"{root}/{file.Path}" }).DistinctBy(file => file.Path)]));
        }

        return new VolumeFiles([.. mounts.Select((mount, index) => mount with { Files = [.. mount.Files.Where(file => !mounts.Skip(index + 1).Any(inner => Hides(inner, file)))] })]);
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
        foreach (var mount in Mounts)
        {
            DataDirectory.CreatePrivate(Path.Combine(fresh, mount.Kind == MountKind.SingleFile ? Path.GetDirectoryName(mount.Path)! : mount.Path));
        }

        foreach (var file in Mounts.Where(mount => mount.Kind == MountKind.SingleFile).SelectMany(mount => mount.Files))
        {
            DataDirectory.WritePrivate(Path.Combine(fresh, file.Path), file.Content);
        }

        Update(fresh);
        Remove(target);
        Directory.Move(fresh, target);
    }

    /// <summary>Brings a tree that <see cref="WriteTo"/> has made to these files, each volume in one step. Single files stay, as in a pod.</summary>
    /// <returns>Whether anything changed.</returns>
    public bool Update(string target)
    {
        var changed = false;
        foreach (var mount in Mounts.Where(mount => mount.Kind == MountKind.Files))
        {
            changed |= MountDirectory.Write(Path.Combine(target, mount.Path), mount.Files.ToDictionary(file => file.Path[(mount.Path.Length + 1)..], file => file.Content, StringComparer.Ordinal));
        }

        return changed;
    }

    private static bool Hides(MountedVolume mount, VolumeFile file) =>
        file.Path == mount.Path || (mount.Kind != MountKind.SingleFile && file.Path.StartsWith(mount.Path + "/", StringComparison.Ordinal));

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
