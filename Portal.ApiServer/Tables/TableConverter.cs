using Portal.Kubernetes.Objects;

namespace Portal.ApiServer.Tables;

/// <summary>What the rows of a Table carry besides cells (query parameter <c>includeObject</c>).</summary>
internal enum IncludeObject
{
    Metadata,
    None,
    Object,
}

/// <summary>Turns objects of one resource into <c>meta.k8s.io/v1 Table</c>s.</summary>
internal sealed class TableConverter
{
    /// <summary>Columns of a built-in kind; Name and Age for kinds without columns of their own.</summary>
    public static TableConverter ForBuiltIn(ResourceDefinition definition) => throw new NotImplementedException();

    /// <summary>Columns of one CRD version, from its <c>additionalPrinterColumns</c>; Name and Age when there are none.</summary>
    public static TableConverter ForCustomResource(JsonArray? additionalPrinterColumns) => throw new NotImplementedException();

    /// <summary>Makes a Table.</summary>
    /// <param name="listMetadata">Metadata of the list (resourceVersion, continue, remainingItemCount), or of the single object: only those three are taken.</param>
    /// <param name="withColumns">False for every watch event after the first: columnDefinitions is then null.</param>
    public JsonObject ToTable(
        IEnumerable<JsonObject> objects, JsonObject? listMetadata, IncludeObject include, DateTimeOffset now, bool withColumns = true) =>
        throw new NotImplementedException();
}
