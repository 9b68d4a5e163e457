namespace Portal.ApiServer.Storage;

/// <summary>Where one object is stored.</summary>
/// <param name="Resource"><c>group/plural</c>; the group is empty for core resources.</param>
/// <param name="Namespace">Namespace, or empty for a cluster-scoped object.</param>
/// <param name="Name">Object name.</param>
internal readonly record struct ObjectKey(string Resource, string Namespace, string Name)
{
    /// <summary>Sorts as etcd's key does: by namespace, then name.</summary>
    public string Path => $"{Namespace}/{Name}";
}
