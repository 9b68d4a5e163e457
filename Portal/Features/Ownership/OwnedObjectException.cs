using Portal.Kubernetes.Objects;

namespace Portal.Features.Ownership;

/// <summary>The object belongs to somebody who would undo the change. REST answers 409 with the message, pages show it.</summary>
public sealed class OwnedObjectException(string message) : Exception(message)
{
    /// <exception cref="OwnedObjectException">The portal must leave the object alone.</exception>
    public static void ThrowIfKept(KubeObject? live)
    {
        if (live is not null && ObjectOwner.Of(live).Refusal is { } refusal)
        {
            throw new OwnedObjectException(refusal);
        }
    }
}
