namespace Portal.ApiServer.Patching;

/// <summary>A patch was refused. <see cref="Malformed"/> tells a patch that is no patch (400) from one that does not fit the object (422).</summary>
internal sealed class PatchException(bool malformed, string message) : Exception(message)
{
    public bool Malformed { get; } = malformed;
}
