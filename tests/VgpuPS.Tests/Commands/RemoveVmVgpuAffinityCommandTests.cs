using System.Management.Automation;
using Xunit;

namespace VgpuPS.Tests.Commands;

public sealed class RemoveVmVgpuAffinityCommandTests : PassThruCommandTests
{
    public static TheoryData<string, string, ErrorCategory> Wrong => new()
    {
        { "Remove-VmVgpuAffinity 4711 -Confirm:$false", "VmNotFound", ErrorCategory.ObjectNotFound },
    };

    public static TheoryData<string, string> Typed => new() { { "Remove-VmVgpuAffinity -VmId we", "101" } };

    protected override string Prepare => "Add-VmVgpu 101 A30-6C; Set-VmVgpuAffinity 101";

    protected override string Line => "Remove-VmVgpuAffinity 101";

    protected override string Plan => @"delete affinity of VM 101 \(web\), before: 1";

    protected override bool IsHigh => true;

    protected override bool IsIdempotent => true;
}
