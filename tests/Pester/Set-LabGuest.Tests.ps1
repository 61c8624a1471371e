BeforeAll {
    . (Join-Path $PSScriptRoot 'Common.ps1')
}

. (Join-Path $PSScriptRoot 'Shared.ps1')

$prepare = 'Enable-Sriov 0; Add-VmVgpu 101, 102 A30-6C; Start-LabVm 101, 102'
Add-CommandTest 'Set-LabGuest' -Prepare $prepare -Wrong @(
    , @("Set-LabGuest 4711 -Driver ''", 'VmNotFound', 'ObjectNotFound')
    , @("Set-LabGuest 900 -Driver '' -WhatIf", 'VmNotFound', 'ObjectNotFound')
    , @('Set-LabGuest 101', 'InvalidRequest', 'InvalidArgument')
    , @("Set-LabGuest 101 -Driver '' -Session localhost", 'InvalidRequest', 'InvalidArgument')
    , @("Set-LabGuest 101 -Driver '' -Session nobody", 'SessionNotFound', 'ObjectNotFound')
) -Complete @(
    , @('Set-LabGuest we', '101')
    , @('Set-LabGuest 101 -LicenseFault NoE', 'NoEntitlement')
)

Add-ChangingTest 'Set-LabGuest' -NoPassThru -Once -Prepare $prepare -Line 'Set-LabGuest 101 -Driver 535.161.08' `
    -Plan 'let the guest''s driver be 535\.161\.08'

Describe 'Set-LabGuest' {
    BeforeEach {
        New-TestLab | Out-Null
        Enable-Sriov 0
        Add-VmVgpu 101, 102 A30-6C
        Start-LabVm 101, 102
        $token = Join-Path $TestDrive 'lab.tok'
        New-LabToken $token
    }

    AfterAll { Disconnect-All }

    It 'sets a clock wrong and right again' {
        Set-LabGuest 101 -ClockOffset '-03:00:00'
        (Get-GridLicense 101 -FromGuest).ClockSkewSeconds | Should -BeLessThan -10000
        Set-LabGuest 101 -ClockOffset 0
        [Math]::Abs((Get-GridLicense 101 -FromGuest).ClockSkewSeconds) | Should -BeLessThan 5
    }

    It 'shows each step of what it would do' {
        $text = (Invoke-TestProcess "
            Connect-VgpuHost -Lab A30 | Out-Null
            Set-LabGuest 101 -ClockOffset '-03:00:00' -LicenseFault Silent -Driver '' -AgentRuns `$false -DiskIsFull `$true -WhatIf") -join "`n"
        $text | Should -Match 'What if: Set-LabGuest on VM 101'
        $text | Should -Match '1\. set the guest''s clock 03:00:00 behind the host''s'
        $text | Should -Match '2\. let licensing fail: Silent'
        $text | Should -Match '3\. take the guest''s driver away'
        $text | Should -Match '4\. stop the guest agent'
        $text | Should -Match '5\. fill the guest''s disk'
    }

    It 'makes licensing fail as <Fault>, and work again' -ForEach @(
        @{ Fault = 'NoEntitlement' }, @{ Fault = 'PortBlocked' }, @{ Fault = 'NameUnknown' }
    ) {
        Set-LabGuest 101 -LicenseFault $Fault
        $failure = Get-TestError { Set-GridLicense 101 -TokenPath $token }
        $failure.FullyQualifiedErrorId | Should -BeLike 'LicenseNotAcquired,*'
        Set-LabGuest 101 -LicenseFault None
        (Set-GridLicense 101 -TokenPath $token -PassThru).LicenseStatus | Should -Be 'Licensed'
    }

    It 'fills a disk' {
        Set-LabGuest 101 -DiskIsFull $true
        $failure = Get-TestError { Set-GridLicense 101 -TokenPath $token }
        $failure.ErrorDetails.Message | Should -Match 'No space left|is full'
        Set-LabGuest 101 -DiskIsFull $false
        (Set-GridLicense 101 -TokenPath $token -PassThru).LicenseStatus | Should -Be 'Licensed'
    }

    It 'takes guests from the pipeline, and goes on after one that is not there' {
        Get-VmVgpuDriver | Set-LabGuest -Driver ''
        (Get-VmVgpuDriver).Verdict | Should -Be 'Missing', 'Missing'
        Set-LabGuest 4711, build -Driver 580.105.08 -ErrorAction SilentlyContinue -ErrorVariable failures
        $failures.FullyQualifiedErrorId | Should -Be 'VmNotFound,VgpuPS.Commands.SetLabGuestCommand'
        (Get-VmVgpuDriver 102).Verdict | Should -Be 'SameBranch'
    }

    It 'takes objects back to their own host, and wants one named where two are connected' {
        Connect-VgpuHost -Lab A30 -Name other | Out-Null
        (Get-TestError { Set-LabGuest 101 -Driver '' }).FullyQualifiedErrorId | Should -BeLike 'AmbiguousSession,*'
        Get-VmVgpuDriver 101 -Session lab | Set-LabGuest -Driver ''
        (Get-VmVgpuDriver 101 -Session lab).Verdict | Should -Be 'Missing'
    }

    It 'changes a host that is not prepared yet' {
        New-TestLab -Option @{ Bare = $true } | Out-Null
        Get-TestError { Set-LabGuest 101 -Driver '' } | Should -BeNullOrEmpty
    }

    It 'refuses a fault that there is none' {
        (Get-TestError { Set-LabGuest 101 -LicenseFault Bogus }).FullyQualifiedErrorId | Should -BeLike 'CannotConvertArgumentNoMessage,*'
    }
}
