# Child processes write it too, so it is in no folder of Pester's.
$env:VGPUPS_TEST_TOKEN = Join-Path ([IO.Path]::GetTempPath()) "vgpups-test-$PID.tok"

BeforeAll {
    . (Join-Path $PSScriptRoot 'Common.ps1')
}

AfterAll {
    Disconnect-All
    Remove-Item $env:VGPUPS_TEST_TOKEN -ErrorAction Ignore
}

. (Join-Path $PSScriptRoot 'Shared.ps1')

$prepare = 'Enable-Sriov 0; Add-VmVgpu 101, 102, 104 A30-6C; Start-LabVm 101, 102, 104; New-LabToken $env:VGPUPS_TEST_TOKEN; ' +
    'Set-GridLicense 101, 104 -TokenPath $env:VGPUPS_TEST_TOKEN'

Add-CommandTest 'Remove-GridLicense' -Prepare "$prepare; Set-LabGuest 104 -AgentRuns `$false" -Wrong @(
    , @('Remove-GridLicense 4711', 'VmNotFound', 'ObjectNotFound')
    , @('Remove-GridLicense nobody', 'VmNotFound', 'ObjectNotFound')
    , @('Remove-GridLicense 900', 'VmIsTemplate', 'InvalidArgument')
    , @('Remove-GridLicense 103', 'VmNotRunning', 'NotEnabled')
    , @('Remove-GridLicense 102', 'LicenseNotFound', 'ObjectNotFound')
    , @('Remove-GridLicense 104', 'GuestAgentNotRunning', 'NotEnabled')
    , @('Remove-GridLicense 101 -Session nobody', 'SessionNotFound', 'ObjectNotFound')
) -Complete @(
    , @('Remove-GridLicense we', '101')
    , @('Remove-GridLicense 101 -Via A', 'Agent')
)

# Not High: the guest keeps its GPU, and what goes is named.
Add-ChangingTest 'Remove-GridLicense' -Prepare $prepare -Line 'Remove-GridLicense 101' `
    -Plan 'Remove the token .*vgpups-test-\d+\.tok from VM 101 \(web\)'

Describe 'Remove-GridLicense' {
    BeforeEach {
        New-TestLab | Out-Null
        Enable-Sriov 0
        Add-VmVgpu 101, 102, 104 A30-6C
        Start-LabVm 101, 102, 104
        New-LabToken $env:VGPUPS_TEST_TOKEN
        Set-GridLicense 101, 104 -TokenPath $env:VGPUPS_TEST_TOKEN
    }

    It 'gives a licence back without a question, and says that there is none the second time' {
        Remove-GridLicense 101
        (Get-GridLicense).LicenseStatus | Should -Be 'Unlicensed (Unrestricted)', 'Unlicensed (Restricted)', 'Licensed'
        $failure = Get-TestError { Remove-GridLicense 101 }
        $failure.FullyQualifiedErrorId | Should -BeLike 'LicenseNotFound,*'
        $failure.ErrorDetails.RecommendedAction | Should -Match 'Get-GridLicense 101'
    }

    It 'writes the licence as it is then' {
        $row = Remove-GridLicense web -PassThru
        $row.VmId | Should -Be 101
        $row.LicenseStatus | Should -Not -Be 'Licensed'
        $row.LicenseExpiry | Should -BeNullOrEmpty
    }

    It 'takes guests from the pipeline, and goes on after one that has none' {
        $done = Get-GridLicense | Remove-GridLicense -PassThru -ErrorAction SilentlyContinue -ErrorVariable failures
        $done.VmId | Sort-Object | Should -Be 101, 104
        $failures.FullyQualifiedErrorId | Should -Be 'LicenseNotFound,VgpuPS.Commands.RemoveGridLicenseCommand'
        (Get-GridLicense).LicenseStatus | Should -Not -Contain 'Licensed'
    }

    It 'takes objects back to their own host, and asks which where a VM is on two' {
        Connect-VgpuHost -Lab A30 -Name other | Out-Null
        (Get-TestError { Remove-GridLicense 101 }).FullyQualifiedErrorId | Should -BeLike 'AmbiguousVm,*'
        (Get-GridLicense 101 -Session lab | Remove-GridLicense -PassThru).VgpuHost | Should -Be 'lab'
    }

    It 'goes over SSH where that is asked for' {
        Set-LabGuest 101 -AgentRuns $false
        (Remove-GridLicense 101 -Via Ssh -GuestAddress root@web -PassThru).LicenseStatus | Should -Not -Be 'Licensed'
    }
}
