using Portal.Features.Ownership;

namespace Portal.Features.Releases;

/// <summary>What is in the cluster is not what the portal published there last.</summary>
/// <param name="Published">The content that was published.</param>
/// <param name="Revision">Its revision; null when it has none.</param>
/// <param name="Live">The content that is there, without what only the server filled in.</param>
/// <param name="LiveHash">Of all that is there.</param>
/// <param name="Request">The request that waits to have that taken for published; null when nobody asked.</param>
/// <param name="Writer">Who wrote that, and when; null when the object does not say.</param>
public sealed record Drift(string Kind, string Namespace, string Name, string Published, int? Revision, string Live, string LiveHash, FieldsEntry? Writer, long? Request = null);
