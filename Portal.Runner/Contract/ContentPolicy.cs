using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Portal.Runner.Contract;

/// <summary>What the portal keeps of the calls of a namespace's flows. Runners apply it before anything leaves them, the portal before it writes.</summary>
public sealed record ContentPolicy
{
    public RunKeeping Flows { get; init; } = RunKeeping.Off;

    /// <summary>Of how many of a hundred calls anything is kept.</summary>
    public int SamplePercent { get; init; } = 100;

    /// <summary>Variables whose values are secret, besides those whose schema says so and those named like a secret.</summary>
    public IReadOnlyList<string> SecretVariables { get; init; } = [];

    /// <summary>What of a call is kept. The same call is decided the same way wherever it is asked.</summary>
    public RunKeeping KeepingOf(string callId) => Flows != RunKeeping.Off && IsSampled(callId, SamplePercent) ? Flows : RunKeeping.Off;

    private static bool IsSampled(string callId, int percent) =>
        percent >= 100 || BinaryPrimitives.ReadUInt32BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes(callId))) % 100 < percent;
}
