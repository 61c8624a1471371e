BeforeAll {
    . (Join-Path $PSScriptRoot 'Common.ps1')
}

. (Join-Path $PSScriptRoot 'Shared.ps1')

$prepare = 'Enable-Sriov 0; Add-VmVgpu 101, 102 A30-6C; Start-LabVm 101, 102'
Add-CommandTest 'Get-GridLicense' -Prepare $prepare -Wrong @(
    , @('Get-GridLicense 4711', 'VmNotFound', 'ObjectNotFound')
    , @('Get-GridLicense 101 -Session nobody', 'SessionNotFound', 'ObjectNotFound')
) -Complete @(
    , @('Get-GridLicense we', '101')
    , @('Get-GridLicense -VmName bui', '102')
    , @('Get-GridLicense -Session la', 'lab')
    , @('Get-GridLicense -Via S', 'Ssh')
)

Add-ReadingTest 'Get-GridLicense' -Prepare $prepare -Back 'Get-GridLicense'

Describe 'Get-GridLicense' {
    BeforeEach {
        New-TestLab | Out-Null
        Enable-Sriov 0
        Add-VmVgpu 101, 104 A30-6C
        Start-LabVm 101, 104
        $token = Join-Path $TestDrive 'lab.tok'
        New-LabToken $token
        Set-GridLicense 101 -TokenPath $token
    }

    AfterAll { Disconnect-All }

    It 'shows a row for each running vGPU' {
        $rows = Get-GridLicense
        $rows.VmId | Should -Be 101, 104
        $rows.LicenseStatus | Should -Be 'Licensed', 'Unlicensed (Restricted)'
        $rows[0].Product | Should -Be 'Virtual Compute Server'
        $rows[0].LicenseExpiry | Should -BeGreaterThan ([DateTimeOffset]'2026-01-05')
        $rows[0].Server | Should -BeNullOrEmpty
    }

    It 'shows a table' {
        Get-GridLicense | Out-String -Width 120 | Should -Match 'VM +Type +Product +Licence +Ends \(UTC\)'
    }

    It 'filters by name, and is silent about a filter and about a VM without a vGPU' {
        (Get-GridLicense d*).VmId | Should -Be 104
        Get-GridLicense nobody* | Should -BeNullOrEmpty
        Get-GridLicense 103 | Should -BeNullOrEmpty
        ('101', 'desk' | ForEach-Object { [pscustomobject]@{ VmId = $_ } } | Get-GridLicense).VmId | Should -Be 101, 104
    }

    It 'asks the guest for the rest' {
        $row = Get-GridLicense 101 -FromGuest
        $row.Server | Should -Be 'dls.lab'
        $row.FeatureType | Should -Be 1
        $row.GuestSystem | Should -Match 'Ubuntu'
        $row.ClockSkewSeconds | Should -BeLessThan 5
        $row.LogLines | Should -Not -BeNullOrEmpty
        (Get-GridLicense 101 -FromGuest -Via Ssh -GuestAddress root@web).Server | Should -Be 'dls.lab'
    }

    It 'writes what the host knows of a guest that cannot be asked, says why, and goes on' {
        Set-LabGuest 101 -AgentRuns $false
        $rows = Get-GridLicense -FromGuest -ErrorAction SilentlyContinue -ErrorVariable failures
        $rows.VmId | Should -Be 101, 104
        $failures.FullyQualifiedErrorId | Should -Be 'GuestAgentNotRunning,VgpuPS.Commands.GetGridLicenseCommand'
        $failures[0].CategoryInfo.Category | Should -Be 'NotEnabled'
        $failures[0].ErrorDetails.RecommendedAction | Should -Match '-Via Ssh'
    }

    It 'asks a guest that wants a password over SSH, and tries a wrong one once' {
        $login = { [pscredential]::new('root', (ConvertTo-SecureString $args[0] -AsPlainText -Force)) }
        Set-LabGuest 101 -SshPassword (ConvertTo-SecureString 'right one' -AsPlainText -Force)
        $row = Get-GridLicense 101 -FromGuest -Via Ssh -GuestCredential (& $login 'right one') -ErrorVariable failures
        $failures | Should -BeNullOrEmpty
        $row.VmId | Should -Be 101
        $failure = Get-TestError { Get-GridLicense 101 -FromGuest -Via Ssh -GuestCredential (& $login 'wrong one') }
        $failure.FullyQualifiedErrorId | Should -Be 'AuthenticationFailed,VgpuPS.Commands.GetGridLicenseCommand'
        "$failure $($failure.ErrorDetails)" | Should -Not -Match 'wrong one'
        $failure = Get-TestError { Get-GridLicense 101 -FromGuest -Via Ssh }
        $failure.FullyQualifiedErrorId | Should -BeLike 'GuestUnreachable,*'
    }

    It 'reads the other hosts where one cannot be read' {
        Connect-VgpuHost -Lab A30 -Bare -Name bare | Out-Null
        $rows = Get-GridLicense -ErrorAction SilentlyContinue -ErrorVariable failures
        $rows.VmId | Should -Be 101, 104
        $failures | Should -HaveCount 1
        $failures[0].CategoryInfo.Category | Should -Be 'NotEnabled'
    }
}
