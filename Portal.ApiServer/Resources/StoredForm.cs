namespace Portal.ApiServer.Resources;

/// <summary>
/// Objects that are stored as those of another resource, in another shape: one object is seen through both. Each direction changes an object in place.
/// </summary>
/// <param name="StorageKey">Key of the resource they are stored as.</param>
internal sealed record StoredForm(string StorageKey, Action<JsonObject> ToStored, Action<JsonObject> ToServed);
