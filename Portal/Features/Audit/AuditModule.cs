using Microsoft.AspNetCore.DataProtection;
using Portal.Data;
using Portal.Embedded;
using Portal.Features.Audit.Archive;
using Portal.Runner.Aws;

namespace Portal.Features.Audit;

/// <summary>The record of every decision and change.</summary>
public static class AuditModule
{
    public static IServiceCollection AddAudit(this IServiceCollection services)
    {
        services.AddSingleton(KeyOf);
        services.AddSingleton(provider => new AuditHeadFile(provider.GetRequiredService<DataDirectory>().Audit));
        services.AddSingleton(provider => new ArchiveState(provider.GetRequiredService<DataDirectory>().Audit));
        services.AddSingleton(provider => Archives(provider.GetRequiredService<PortalOptions>().Audit.Export, provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<AuditLog>();
        services.AddSingleton<AuditReader>();
        services.AddSingleton<AuditVerifier>();
        services.AddSingleton<SavedViews>();
        services.AddSingleton<AuditSigner>();
        services.AddSingleton<AuditExporter>();
        services.AddSingleton<Refusals>();
        services.AddHostedService(provider => provider.GetRequiredService<Refusals>());
        services.AddLeaderService<AuditSigner>();
        services.AddLeaderService<AuditExporter>();
        services.AddLeaderService<AuditRetention>();
        return services;
    }

    private static AuditKey KeyOf(IServiceProvider provider)
    {
        var directory = provider.GetRequiredService<DataDirectory>().Audit;
        var database = provider.GetRequiredService<PortalDatabase>();
        return database.IsShared ? SharedAuditKeys.Open(database, provider.GetRequiredService<IDataProtectionProvider>(), directory) : AuditKey.Open(directory);
    }

    public static void MapAuditApi(this IEndpointRouteBuilder app) => AuditApi.Map(app);

    private static IReadOnlyList<IAuditArchive> Archives(AuditExportOptions options, TimeProvider clock)
    {
        List<IAuditArchive> archives = options.Directory is { } directory ? [new DirectoryArchive(directory)] : [];
        if (options.S3.Bucket is { } bucket && AuditS3Options.KeysOf(Environment.GetEnvironmentVariable) is { } keys)
        {
            var place = new S3Place(bucket, options.S3.Region, options.S3.Endpoint, S3Place.IsPathStyle(bucket, options.S3.Endpoint));
            var prefix = options.S3.Prefix.Trim('/') is { Length: > 0 } text ? $"{text}/" : "";
            archives.Add(new S3Archive(new S3Bucket(new HttpMessageInvoker(new SocketsHttpHandler()), place, keys, clock), bucket, prefix));
        }

        return archives;
    }
}
